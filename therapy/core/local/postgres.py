"""The embedded PostgreSQL: a cluster of our own, reached over a Unix socket with a random password.

Starting is safe to repeat at any point: a half-made cluster is made again, a stale pid file is put away.
"""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from therapy.core.local.binaries import Programs, find_postgres
from therapy.core.local.errors import LocalError
from therapy.core.local.files import private_folder, read_env, require_free_space, tail, write_env
from therapy.core.local.places import Place

ROLE = "attune"
OWNER = "postgres"
SPACE_FOR_A_NEW_CLUSTER = 400
SPACE_FOR_A_START = 100
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # Statements and key values can hold a person's data: the log says what failed, never with which words.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One cluster in one place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.programs: Programs = find_postgres(place)
        self.data = place.home / f"postgres-{self.programs.major}"
        self.log = place.home / "postgres.log"
        self.passwords = place.local / f"postgres-{self.programs.major}.env"

    @property
    def url(self) -> str:
        """What Django reads; the socket's folder travels as a parameter because host names lose their case."""
        password = read_env(self.passwords)[ROLE]
        return f"postgresql://{ROLE}:{password}@/{ROLE}?host={quote(str(self.place.sockets), safe='')}"

    def start(self) -> None:
        """Make the cluster if there is none, start it unless it runs, and see that role and database exist."""
        if not self.data.exists():
            require_free_space(self.place.home, SPACE_FOR_A_NEW_CLUSTER)
            self._create()
        elif not self.passwords.exists():
            raise LocalError(f"{self.passwords} is gone, and with it the way into {self.data}. Bring one of them back.")
        if not self.is_running():
            require_free_space(self.place.home, SPACE_FOR_A_START)
            self._launch()
        self._ensure_role_and_database()

    def stop(self) -> None:
        """End the server: fast, and hard if that takes too long."""
        for mode, seconds in (("fast", "20"), ("immediate", "5")):
            if self._control("stop", "-m", mode, "-t", seconds) == 0 or not self._pid_file().exists():
                return

    def is_running(self) -> bool:
        try:
            with self._connect():
                return True
        except psycopg.OperationalError:
            return False

    def pid(self) -> int:
        """Of the last server started here; 0 when there was none."""
        try:
            return int(self._pid_file().read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return 0

    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _create(self) -> None:
        """`initdb` beside the final name: the name appears only when the cluster is whole."""
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        private_folder(fresh, self.place.account)
        passwords = {OWNER: secrets.token_urlsafe(24), ROLE: secrets.token_urlsafe(24)}
        word = fresh.with_name(fresh.name + ".word")
        write_env(word, {})
        word.write_text(passwords[OWNER])
        self.place.account.own(word)
        command = [self.programs.path("initdb"), "-D", str(fresh), "-U", OWNER, f"--pwfile={word}"]
        command += ["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C"]
        if self.programs.major >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        answer = self.place.account.run(command, env=_environment())
        word.unlink()
        if answer.returncode != 0:
            raise LocalError(f"PostgreSQL could not make its data folder {self.data}:\n{answer.stderr.strip()}")
        with (fresh / "postgresql.conf").open("a") as handle:
            handle.write("\ninclude_if_exists 'attune.conf'\n")
        write_env(self.passwords, passwords)
        fresh.rename(self.data)

    def _launch(self) -> None:
        self._put_away_stale_files()
        settings = SETTINGS | {"unix_socket_directories": f"'{self.place.sockets}'"}
        if not self.place.durable:
            settings |= THROW_AWAY
        configuration = self.data / "attune.conf"
        configuration.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        configuration.chmod(0o644)
        if self.log.exists() and self.log.stat().st_size > 10_000_000:
            self.log.unlink()
        if self._control("start", "-l", str(self.log), "-t", "60") != 0:
            raise LocalError(f"PostgreSQL did not start. The end of its log ({self.log}):\n{tail(self.log)}")

    def _control(self, action: str, *options: str) -> int:
        command = [self.programs.path("pg_ctl"), action, "-s", "-w", "-D", str(self.data), *options]
        # pg_ctl leaves the server behind with its own output: waiting for the end of a pipe would take for ever.
        return self.place.account.run(
            command, env=_environment(), capture_output=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ).returncode

    def _put_away_stale_files(self) -> None:
        """After a crash the recorded pid may belong to anything by now, which PostgreSQL takes for itself."""
        pid = self.pid()
        if pid and _works_in(pid, self.data):
            self.stop()
        self._pid_file().unlink(missing_ok=True)
        for leftover in self.place.sockets.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        password = read_env(self.passwords).get(OWNER, "")
        return psycopg.connect(
            host=str(self.place.sockets),
            user=OWNER,
            password=password,
            dbname=OWNER,
            autocommit=True,
            connect_timeout=5,
        )

    def _ensure_role_and_database(self) -> None:
        """The role may make databases (tests do) but is no superuser."""
        password = read_env(self.passwords)[ROLE]
        role = sql.Identifier(ROLE)
        with self._connect() as connection:
            verb = sql.SQL("ALTER" if self._exists(connection, "pg_roles", "rolname") else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(verb, role, sql.Literal(password))
            )
            if not self._exists(connection, "pg_database", "datname"):
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))

    @staticmethod
    def _exists(connection: "psycopg.Connection[tuple[object, ...]]", table: str, column: str) -> bool:
        query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
        return connection.execute(query, [ROLE]).fetchone() is not None


def _environment() -> dict[str, str]:
    """Only what the programs need: PG* variables of the person's shell would redirect them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _works_in(pid: int, folder: Path) -> bool:
    """Whether the process is the server of this folder."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
        except OSError:
            return False
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(folder) in listed.stdout
