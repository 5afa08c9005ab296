"""The embedded Redis, for real: closed without the password, kept on disk, gone after the stop."""

import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from therapy.core.local.files import read_env
from therapy.core.local.places import Place, prepare
from therapy.core.local.redis_server import Redis


@pytest.fixture(scope="module")
def kept(open_folder: Path) -> Place:
    return prepare(open_folder / "kept")


@pytest.fixture
def server(kept: Place) -> Iterator[Redis]:
    server = Redis(kept)
    server.start()
    yield server
    server.stop()


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, retry=None)


def test_a_second_start_reuses_the_server(server: Redis) -> None:
    before = client(server.url).info()["process_id"]
    Redis(server.place).start()
    assert client(server.url).info()["process_id"] == before


def test_without_the_password_nothing_is_answered(server: Redis) -> None:
    port = read_env(server.access)["port"]
    with pytest.raises(redis.AuthenticationError):
        client(f"redis://127.0.0.1:{port}/0").ping()


def test_a_wrong_password_is_refused(server: Redis) -> None:
    port = read_env(server.access)["port"]
    with pytest.raises(redis.AuthenticationError):
        client(f"redis://:wrong@127.0.0.1:{port}/0").ping()


def test_the_password_is_in_no_command_line(server: Redis) -> None:
    password = read_env(server.access)["password"]
    lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert any("redis-server" in line for line in lines)
    assert not any(password in line for line in lines)


def test_it_listens_on_this_machine_only(server: Redis) -> None:
    assert client(server.url).config_get("bind")["bind"] == "127.0.0.1"


def test_the_server_is_never_root(server: Redis) -> None:
    pid = client(server.url).info()["process_id"]
    assert psutil.Process(pid).uids().effective != 0


def test_queued_work_survives_a_stop_at_the_same_address(server: Redis) -> None:
    client(server.url).rpush("queue", "17")
    address = server.url
    server.stop()
    assert not server.is_running()
    server.start()
    assert server.url == address
    assert client(server.url).lrange("queue", 0, -1)[-1] == b"17"


def test_another_port_when_the_last_one_is_taken(server: Redis) -> None:
    port = int(read_env(server.access)["port"])
    server.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        server.start()
        assert int(read_env(server.access)["port"]) != port
        assert client(server.url).ping()


def test_the_stop_leaves_no_process(server: Redis) -> None:
    pid = client(server.url).info()["process_id"]
    server.stop()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
