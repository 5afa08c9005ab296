"""Redis and Postgres go away in the middle of a conversation and come back; nothing of ours is restarted by hand."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person
from tests.e2e.running import Running, wait_until
from therapy.core.local.places import prepare
from therapy.core.local.redis_server import Redis

pytestmark = pytest.mark.e2e
DATABASE = "attune_faults"
LONG = "I have an exam on Monday and I have been awake since three, going over every chapter again and again"
DANGER = "I don't want to live anymore. I have the pills next to me and I am going to do it tonight."
PROGRAMS = ("web", "beat", "delivery", "inference", "alerts", "default")


@pytest.fixture(scope="module")
def redis_server() -> Iterator[Redis]:
    """A Redis that may be killed: its folder, port and password stay, as they do under `make run`."""
    folder = Path(tempfile.mkdtemp(prefix="attune-faults-"))
    folder.chmod(0o755)
    server = Redis(prepare(folder / "local"))
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, redis_server: Redis) -> Iterator[Running]:
    """The programs on a database and a Redis that only these tests use, instead of those of the session."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "mail").mkdir()
    mail = f"filemail:///{folder / 'mail'}"
    stack = Running(
        folder, database=DATABASE, redis_url=redis_server.url, EMAIL_URL=mail, COMPANION_PACE_SECONDS="0.06"
    )
    try:
        stack.prepare()
        stack.start(*PROGRAMS)
        yield stack
    finally:
        stack.close()


@pytest.fixture(autouse=True)
def _all_survive(running: Running) -> Iterator[None]:
    """Whatever a test takes away, the same processes are there afterwards."""
    yield
    ended = {name: process.poll() for name, process in running.processes.items() if process.poll() is not None}
    assert not ended, f"ended by themselves: {ended}"


def kill(server: Redis) -> None:
    """End the server as a crash would; returns when it is gone."""
    os.kill(server.pid(), signal.SIGKILL)
    wait_until(lambda: not server.is_running(), 5, "redis is gone")


@contextmanager
def no_database() -> Iterator[None]:
    """Postgres refuses the programs' database and drops their connections; other databases stay reachable."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [DATABASE])
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS true".encode())


def words_of_person(running: Running, session: str) -> int:
    """Messages of the person that are kept."""
    sql = "SELECT count(*) FROM chat_message WHERE session_id = %s AND role = 'user'"
    return int(str(running.query(sql, session)[0][0]))


def turns(running: Running, session: str) -> list[tuple[object, ...]]:
    return running.query("SELECT status FROM chat_turn WHERE session_id = %s ORDER BY queued_at", session)


def test_redis_gone_in_mid_reply(person: Callable[..., Person], running: Running, redis_server: Redis) -> None:
    iris = person("iris")
    session = iris.open_chat()
    iris.say(LONG)
    iris.page.wait_for_selector(".is-draft")
    kill(redis_server)
    try:
        assert len(iris.await_reply(seconds=20)) > 10

        expect(iris.page.locator("[data-card]")).to_be_hidden()
        began = time.monotonic()
        iris.say(DANGER)
        expect(iris.page.locator("[data-card]")).to_be_visible(timeout=2000)
        print(f"card after {time.monotonic() - began:.2f} s without Redis")
        assert words_of_person(running, session) == 2
        expect(iris.page.locator("[data-status]")).to_contain_text("your reply will come", timeout=15_000)
        sent = "SELECT 1 FROM safety_alert WHERE session_id = %s AND status = 'sent'"
        wait_until(lambda: running.query(sent, session), 15, "the alert goes out without a queue")
    finally:
        redis_server.start()
    began = time.monotonic()
    iris.await_reply(2, seconds=40)
    print(f"reply {time.monotonic() - began:.1f} s after Redis was back")
    assert iris.numbers() == [1, 2, 3, 4, 5]
    assert turns(running, session) == [("completed",), ("completed",)]

    iris.say("thank you, I put them away and my sister is here now")
    iris.page.wait_for_selector(".is-draft", timeout=15_000)
    iris.await_reply(3)


def test_postgres_gone_in_mid_reply(person: Callable[..., Person], running: Running) -> None:
    otto = person("otto")
    session = otto.open_chat()
    otto.say(LONG)
    otto.page.wait_for_selector(".is-draft")
    with no_database():
        otto.say("written while nothing could be kept")
        expect(otto.page.locator("[data-status]")).to_contain_text("not sent", timeout=12_000)
        with urllib.request.urlopen(running.address + "/help/", timeout=5) as answer:
            assert answer.status == 200
        time.sleep(6)
    began = time.monotonic()
    otto.await_reply(1, seconds=40)
    print(f"reply {time.monotonic() - began:.1f} s after Postgres was back")
    print(words_of_person(running, session), otto.page.locator("#chat-text").input_value(), turns(running, session))
