"""Help comes at once, with and without workers, in both languages; and nothing of it leaks."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
import redis
from playwright.sync_api import Page, expect

from tests.e2e.people import Person
from tests.e2e.running import ROOT, Running, wait_until

pytestmark = pytest.mark.e2e
DANGER = {
    "en": "I don't want to live anymore. I have the pills next to me and I am going to do it tonight.",
    "zh": "我不想活了，药已经准备好了",
}
CANARY = "xylophonecanary"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_danger_shows_the_card_within_two_seconds(
    person: Callable[..., Person], shot: Callable[[Page, str], None], language: str
) -> None:
    somebody = person(f"danger-{language}", locale="zh-CN" if language == "zh" else "en-US")
    somebody.open_chat()
    began = time.monotonic()
    somebody.say(DANGER[language])
    card = somebody.page.locator("[data-card]")
    expect(card).to_be_visible(timeout=2000)
    assert time.monotonic() - began < 2.5
    assert card.locator("a[href^='tel:']").count() >= 1
    if language == "zh":
        expect(card).to_contain_text("12356")
        expect(card).to_contain_text("120")
    somebody.await_reply()
    shot(somebody.page, f"chat-card-{language}")


def test_help_comes_with_every_worker_stopped(person: Callable[..., Person], running: Running) -> None:
    somebody = person("no-workers")
    session = somebody.open_chat()
    names = ("inference", "inference-2", "alerts", "default", "beat")
    running.stop(*names)
    try:
        somebody.say(DANGER["zh"])
        expect(somebody.page.locator("[data-card]")).to_be_visible(timeout=2000)
        expect(somebody.messages("user")).to_have_count(1)
        alerts = running.query("SELECT level FROM safety_alert WHERE session_id = %s", session)
        assert alerts
        delivered = "SELECT 1 FROM safety_alert WHERE session_id = %s AND status = 'sent'"
        wait_until(lambda: running.query(delivered, session), 15, "the loop without a queue delivers the alert")
        expect(somebody.page.locator("[data-status]")).to_contain_text("Your message is safe", timeout=15_000)
    finally:
        running.start(*names)
    somebody.await_reply(seconds=30)


def test_the_card_folds_and_stays_over_a_reload(person: Callable[..., Person]) -> None:
    somebody = person("folding")
    somebody.open_chat()
    somebody.say(DANGER["en"])
    card = somebody.page.locator("[data-card]")
    expect(card).to_be_visible()
    # On a slow machine a card of the text alone comes first, and the one that was kept takes its place.
    somebody.await_reply()
    card.locator("[data-fold]").click()
    expect(card.locator(".card-body")).to_be_hidden()
    somebody.page.reload()
    expect(somebody.page.locator("[data-card]")).to_be_visible()


@pytest.fixture
def monitored(running: Running) -> Iterator[list[str]]:
    """Every command that Redis is given while the test runs, task bodies included."""
    lines: list[str] = []
    client = redis.Redis.from_url(running.redis_url)
    ended = threading.Event()

    def listen() -> None:
        with client.monitor() as monitor:
            for command in monitor.listen():
                lines.append(str(command["command"]))
                if ended.is_set():
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    time.sleep(0.3)
    yield lines
    ended.set()
    redis.Redis.from_url(running.redis_url).ping()
    thread.join(timeout=5)


def decoded(text: str) -> str:
    """The text with everything that looks like base64 opened as well: Celery packs task bodies that way."""
    parts = [text]
    for found in re.findall(r"[A-Za-z0-9+/=]{16,}", text):
        try:
            parts.append(base64.b64decode(found + "=" * (-len(found) % 4)).decode("latin-1"))
        except ValueError:
            continue
    return "\n".join(parts)


def test_a_canary_word_is_found_nowhere(person: Callable[..., Person], running: Running, monitored: list[str]) -> None:
    somebody = person("canary-person")
    somebody.open_chat()
    somebody.say(f"{CANARY} I want to end my life tonight, I have the pills here")
    somebody.await_reply()
    somebody.say(f"my {CANARY} is so heavy")
    somebody.await_reply(2)
    commands = decoded("\n".join(monitored))
    assert "therapy.chat.tasks.run_turn" in commands, "the probe saw the task go by"
    assert CANARY not in commands
    logs = "".join(path.read_text(errors="replace") for path in running.folder.glob("*.log"))
    assert logs
    assert CANARY not in logs
    mails = "".join(path.read_text(errors="replace") for path in (running.folder / "mail").glob("*"))
    assert mails, "an alert was mailed"
    assert CANARY not in mails
    assert CANARY not in dump_of_database(running)
    assert CANARY not in dump_of_redis(running)


def dump_of_database(running: Running) -> str:
    """Every row of every table as text, and every byte column as Latin-1, so that plain words would show."""
    found: list[str] = []
    with psycopg.connect(running.database_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert len(tables) > 15
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'.encode()).fetchall():
                found.extend(value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row)
    return "\n".join(found)


def dump_of_redis(running: Running) -> str:
    """Every key with its value as Redis would store it on disk."""
    client = redis.Redis.from_url(running.redis_url)
    return "\n".join(
        key.decode("latin-1") + (client.dump(key) or b"").decode("latin-1") for key in client.scan_iter(count=500)
    )


def test_a_wrong_key_refuses_to_start(running: Running) -> None:
    environ = running.environ | {"ATTUNE_KEKS": "1:" + base64.b64encode(b"w" * 32).decode()}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--database", "default"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "not the one this database was sealed with" in done.stderr
