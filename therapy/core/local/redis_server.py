"""The embedded Redis: on 127.0.0.1 behind a random password, appended to disk so that queued work survives a stop."""

import os
import secrets
import signal
import socket
import time
from pathlib import Path

import redis

from therapy.core.local.binaries import Programs, find_redis
from therapy.core.local.errors import LocalError
from therapy.core.local.files import private_folder, read_env, require_free_space, tail, write_env
from therapy.core.local.places import Place

SPACE_FOR_A_START = 50
TRIES = 5


class Redis:
    """One server in one place. Port and password are kept, so that a restarted stack finds the same address."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.programs: Programs = find_redis(place)
        # An older server cannot read what a newer one wrote.
        self.data = place.home / f"redis-{self.programs.major}"
        self.log = self.data / "redis.log"
        self.access = place.local / "redis.env"

    @property
    def url(self) -> str:
        known = read_env(self.access)
        return f"redis://:{known['password']}@127.0.0.1:{known['port']}/0"

    def start(self) -> None:
        """Start the server unless it runs; take another port when the last one is in use by now."""
        if self.is_running():
            return
        require_free_space(self.place.home, SPACE_FOR_A_START)
        private_folder(self.data, self.place.account)
        password = read_env(self.access).get("password") or secrets.token_urlsafe(24)
        for _ in range(TRIES):
            write_env(self.access, {"port": str(self._free_port()), "password": password})
            self._launch()
            if self._wait_until_ready():
                return
        raise LocalError(f"Redis did not start. The end of its log ({self.log}):\n{tail(self.log)}")

    def stop(self) -> None:
        """Ask it to write and end; a server that no longer answers gets the signal instead."""
        pid = self.pid()
        if not self.access.exists():
            return
        try:
            # Without retries: the closed connection is the answer.
            with self._client() as client:
                client.execute_command("SHUTDOWN")
        except redis.RedisError:
            if pid and self._is_ours(pid):
                os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            if not pid or not self._is_ours(pid):
                return
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)

    def is_running(self) -> bool:
        if not self.access.exists():
            return False
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def pid(self) -> int:
        """Of the last server started here; 0 when there was none."""
        try:
            return int((self.data / "redis.pid").read_text())
        except (OSError, ValueError):
            return 0

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=5, socket_connect_timeout=2, retry=None)

    def _free_port(self) -> int:
        """The port of the last time when it is free, else any."""
        known = int(read_env(self.access).get("port", "0"))
        for port in (known, 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return int(probe.getsockname()[1])
        raise LocalError("No free port on 127.0.0.1 for Redis.")

    def _launch(self) -> None:
        """The configuration goes in by stdin: nothing secret on the command line or in a file of the server."""
        known = read_env(self.access)
        lines = [
            "bind 127.0.0.1",
            f"port {known['port']}",
            f"requirepass {known['password']}",
            "daemonize yes",
            f'dir "{self.data}"',
            f'pidfile "{self.data}/redis.pid"',
            f'logfile "{self.log}"',
            "maxmemory-policy noeviction",
            f"appendonly {'yes' if self.place.durable else 'no'}",
            "appendfsync everysec",
            'save ""',
        ]
        command = [self.programs.path("redis-server"), "-"]
        answer = self.place.account.run(command, input="\n".join(lines) + "\n", env={"LC_ALL": "C"})
        if answer.returncode != 0:
            raise LocalError(f"Redis did not start: {(answer.stderr or answer.stdout).strip()}\n{tail(self.log)}")

    def _wait_until_ready(self) -> bool:
        for _ in range(100):
            if self.is_running():
                return True
            time.sleep(0.05)
        return False

    def _is_ours(self, pid: int) -> bool:
        """Whether the pid still is this server and not a later process of the same number."""
        entry = Path(f"/proc/{pid}/cwd")
        try:
            os.kill(pid, 0)
            return not Path("/proc/self").exists() or entry.resolve(strict=True) == self.data.resolve()
        except OSError:
            return False
