"""The real programs of Attune on a database and Redis of their own, started and stopped one by one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from therapy.core.local.stack import programs

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "attune_e2e"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(check: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


class Running:
    """Web, workers, clock and delivery as separate processes; output goes to files that tests may read."""

    def __init__(self, folder: Path, *, database: str = DATABASE, redis_url: str = "", **environ: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.database_url = self._own_database(os.environ["DATABASE_URL"], database)
        self.redis_url = redis_url or urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path="/1"))
        redis.Redis.from_url(self.redis_url).flushdb()
        self.environ = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DJANGO_SETTINGS_MODULE": "therapy.settings.development",
            "PUBLIC_URL": self.address,
            "PYTHONUNBUFFERED": "1",
            # Every test signs somebody up, all from one address.
            "SIGNUP_RATE": "1000/h/ip",
            "OMP_NUM_THREADS": "1",
            **environ,
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.logins: list[dict[str, str]] = []

    @staticmethod
    def _own_database(url: str, name: str) -> str:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {name}".encode())
        return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

    def prepare(self) -> None:
        """Migrations, translations, demo people."""
        for command in ("migrate --noinput -v 0", "compile_translations", "seed_demo"):
            done = subprocess.run(
                [sys.executable, "manage.py", *command.split()],
                cwd=ROOT,
                env=self.environ,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            for line in done.stdout.splitlines():
                if line.startswith("{"):
                    self.logins.append(json.loads(line))

    def login_of(self, role: str) -> tuple[str, str]:
        found = next(entry for entry in self.logins if entry["role"] == role)
        return found["username"], found["password"]

    def start(self, *names: str) -> None:
        """Start programs by name; `inference-2` is a second inference worker."""
        known = {program.name: program.command for program in programs(self.folder, self.port)}
        # What a log said before a restart does not count.
        said = {name: self.log(name).stat().st_size if self.log(name).exists() else 0 for name in names}
        for name in names:
            command = list(known[name.partition("-")[0]])
            if "-n" in command:
                command[command.index("-n") + 1] = f"{name}@%h"
            with self.log(name).open("ab") as output:
                self.processes[name] = subprocess.Popen(
                    command, cwd=ROOT, env=self.environ, stdout=output, stderr=output, start_new_session=True
                )
        if "web" in names:
            wait_until(self.answers, 60, "the page answers")
        for name in names:
            if name.startswith("inference") or name in ("default", "alerts"):
                ready = lambda name=name: b"ready." in self.log(name).read_bytes()[said[name] :]  # noqa: E731
                wait_until(ready, 60, f"{name} is ready")

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.address + "/help/", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, *names: str, force: bool = False) -> None:
        """End programs and everything they started."""
        for name in names:
            process = self.processes.pop(name)
            os.killpg(process.pid, signal.SIGKILL if force else signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=5)

    def close(self) -> None:
        self.stop(*list(self.processes))

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def change(self, sql: str, *values: object) -> None:
        with psycopg.connect(self.database_url) as connection:
            connection.execute(sql.encode(), values)
