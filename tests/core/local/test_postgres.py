"""The embedded PostgreSQL, for real: made, reached, reused, brought back after every kind of interruption."""

import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from therapy.core.local import files
from therapy.core.local.errors import LocalError
from therapy.core.local.files import read_env
from therapy.core.local.places import Place
from therapy.core.local.postgres import Postgres


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Postgres]:
    server = Postgres(place)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def running(server: Postgres) -> Postgres:
    server.start()
    return server


def pid_of(server: Postgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def ask(server: Postgres, question: str) -> object:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def test_a_second_start_reuses_the_server(running: Postgres) -> None:
    before = pid_of(running)
    running.start()
    assert pid_of(running) == before


def test_the_cluster_has_checksums_and_no_network(running: Postgres) -> None:
    assert ask(running, "SHOW data_checksums") == "on"
    assert ask(running, "SHOW listen_addresses") == ""
    assert ask(running, "SHOW password_encryption") == "scram-sha-256"


def test_the_role_may_make_databases_but_is_no_superuser(running: Postgres) -> None:
    assert ask(running, "SELECT rolcreatedb AND NOT rolsuper FROM pg_roles WHERE rolname = current_user") is True


def test_a_wrong_password_is_refused(running: Postgres) -> None:
    password = read_env(running.passwords)["attune"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(running.url.replace(password, "wrong"))


def test_data_and_passwords_are_closed_to_others(running: Postgres) -> None:
    assert stat.S_IMODE(running.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(running.place.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(running.passwords.stat().st_mode) == 0o600


def test_the_server_is_never_root(running: Postgres) -> None:
    assert Path(running.data).stat().st_uid != 0


def test_words_of_a_failed_statement_stay_out_of_the_log(running: Postgres) -> None:
    ask(running, "CREATE TABLE IF NOT EXISTS diary (words text PRIMARY KEY)")
    for _ in range(2):
        with suppress(psycopg.errors.UniqueViolation):
            ask(running, "INSERT INTO diary VALUES ('canary-of-a-person')")
    log = running.log.read_text()
    assert "duplicate key" in log
    assert "canary-of-a-person" not in log


def test_data_survive_a_stop(running: Postgres) -> None:
    ask(running, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS n")
    running.stop()
    assert not running.is_running()
    running.start()
    assert ask(running, "SELECT n FROM kept") == 42


def test_a_killed_server_comes_back(running: Postgres) -> None:
    os.kill(pid_of(running), signal.SIGKILL)
    time.sleep(0.5)
    running.start()
    assert ask(running, "SELECT 1") == 1


def test_a_stale_pid_that_now_belongs_to_another_program(running: Postgres) -> None:
    record = (running.data / "postmaster.pid").read_text()
    running.stop()
    account = running.place.account
    identity = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.dropped else {}
    with subprocess.Popen(["sleep", "60"], **identity) as stranger:
        lines = record.split("\n")
        lines[0] = str(stranger.pid)
        (running.data / "postmaster.pid").write_text("\n".join(lines))
        running.start()
        assert stranger.poll() is None
        stranger.kill()
    assert ask(running, "SELECT 1") == 1


def test_an_interrupted_creation_is_made_again(place: Place, open_folder: Path) -> None:
    other = Postgres(place)
    other.data = place.home / "postgres-interrupted"
    other.passwords = place.local / "interrupted.env"
    half = place.home / "postgres-interrupted.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    other._create()
    assert (other.data / "global" / "pg_control").exists()
    assert not half.exists()


def test_lost_passwords_are_said_in_words(running: Postgres) -> None:
    away = running.passwords.with_suffix(".away")
    running.passwords.rename(away)
    try:
        with pytest.raises(LocalError, match="Bring one of them back"):
            running.start()
    finally:
        away.rename(running.passwords)


def test_a_full_disk_is_said_before_anything_is_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Postgres(place)
    server.data = place.home / "postgres-none"
    monkeypatch.setattr(files.shutil, "disk_usage", lambda path: Usage())
    with pytest.raises(LocalError, match="3 MB left for .*, 400 MB needed"):
        server.start()
    assert not list(place.home.glob("postgres-none*"))


class Usage:
    """What `shutil.disk_usage` answers on a nearly full disk."""

    free = 3 * files.MEBIBYTE
