"""Redis and Postgres go away in the middle of a conversation and come back; nothing of ours is restarted by hand."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
import urllib.error
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
    stack = Running(
        folder,
        database=DATABASE,
        redis_url=redis_server.url,
        DJANGO_SETTINGS_MODULE="tests.e2e.settings",
        EMAIL_URL=f"filemail:///{folder / 'mail'}",
        COMPANION_PACE_SECONDS="0.06",
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


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=15) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


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
        wait_until(lambda: words_of_person(running, session) == 2, 10, "the words are kept without Redis")
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
    page, field, status = otto.page, otto.page.locator("#chat-text"), otto.page.locator("[data-status]")
    otto.say(LONG)
    page.wait_for_selector(".is-draft")
    with no_database():
        otto.say("I went for a walk and made some soup")
        expect(status).to_contain_text("was not sent", timeout=15_000)
        expect(field).to_have_value("I went for a walk and made some soup")
        expect(page.locator("[data-card]")).to_be_hidden()

        began = time.monotonic()
        field.fill("")
        otto.say(DANGER)
        expect(page.locator("[data-card]")).to_be_visible(timeout=4000)
        print(f"card after {time.monotonic() - began:.2f} s without Postgres")
        assert page.locator("[data-card] a[href^='tel:']").count() >= 1
        expect(field).to_have_value(DANGER, timeout=15_000)
        with urllib.request.urlopen(running.address + "/help/", timeout=5) as answer:
            assert answer.status == 200
        assert status_of(running.address + "/health/") == 503
    began = time.monotonic()
    otto.await_reply(1, seconds=30)
    print(f"reply {time.monotonic() - began:.1f} s after Postgres was back")

    page.locator("[data-composer] button[type=submit]").click()
    otto.await_reply(2)
    assert otto.messages("user").all_inner_texts()[1].endswith(DANGER)
    assert words_of_person(running, session) == 2, "what was refused was not kept in secret, what was taken is there"
    assert turns(running, session) == [("completed",), ("completed",)]
    assert otto.numbers() == [1, 2, 3, 4, 5]
    assert running.query("SELECT 1 FROM safety_alert WHERE session_id = %s", session)


def test_a_page_opened_while_postgres_is_away_points_to_help(person: Callable[..., Person], running: Running) -> None:
    hugo = person("hugo")
    hugo.open_chat()
    with no_database():
        hugo.page.reload()
        expect(hugo.page.locator("a[href^='/help/']").first).to_be_visible(timeout=15_000)
    hugo.page.reload()
    hugo.page.wait_for_selector("[data-chat][data-state=joined]", timeout=20_000)
    hugo.say("here I am again")
    hugo.await_reply()
