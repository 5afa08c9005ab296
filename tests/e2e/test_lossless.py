"""Nothing is lost and nothing doubled: reload in mid-reply, two tabs, a cut network, a killed worker."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.people import Person
from tests.e2e.running import Running, wait_until

pytestmark = pytest.mark.e2e
LONG = "I have been lying awake since three thinking about my exam and I am so scared that I will fail everything again"


def test_reload_in_mid_reply(person: Callable[..., Person]) -> None:
    nora = person("nora")
    nora.open_chat()
    nora.say(LONG)
    nora.page.wait_for_selector(".is-draft")
    nora.page.reload()
    nora.page.wait_for_selector("[data-chat][data-state=joined]")
    reply = nora.await_reply()
    assert len(reply) > 10
    assert nora.numbers() == [1, 2, 3]
    expect(nora.page.locator(".is-draft")).to_have_count(0)


def test_two_tabs_show_the_same_once(person: Callable[..., Person]) -> None:
    ines = person("ines")
    ines.open_chat()
    second = Person(ines.page.context.new_page(), "ines")
    second.page.goto(ines.page.url)
    second.page.wait_for_selector("[data-chat][data-state=joined]")
    ines.say("hello from the first window")
    ines.await_reply()
    second.await_reply()
    second.say("and from the second")
    ines.await_reply(2)
    second.await_reply(2)
    assert ines.numbers() == second.numbers() == [1, 2, 3, 4, 5]
    texts = [tab.page.locator("[data-log]").inner_text() for tab in (ines, second)]
    assert texts[0] == texts[1]


def test_what_is_written_offline_is_sent_once_when_back(person: Callable[..., Person]) -> None:
    omar = person("omar")
    omar.open_chat()
    omar.page.context.set_offline(True)
    # Headless Chromium keeps an open socket alive when offline: the page must notice a dead one, too.
    omar.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    omar.say("written without a network")
    omar.page.context.set_offline(False)
    omar.await_reply()
    assert omar.numbers() == [1, 2, 3]
    assert omar.messages("user").count() == 1


def test_a_restarted_web_process_loses_nothing(person: Callable[..., Person], running: Running) -> None:
    mei = person("mei")
    mei.open_chat()
    mei.say("first")
    mei.await_reply()
    running.stop("web", force=True)
    mei.page.wait_for_selector("[data-chat][data-state=lost]")
    mei.say("sent while the server was away")
    running.start("web")
    mei.await_reply(2, seconds=60)
    assert mei.numbers() == [1, 2, 3, 4, 5]


def test_a_killed_worker_is_replaced_within_ten_seconds(person: Callable[..., Person], running: Running) -> None:
    ravi = person("ravi")
    session = ravi.open_chat()
    ravi.say(LONG)
    ravi.page.wait_for_selector(".is-draft")
    (turn,) = running.query("SELECT id FROM chat_turn WHERE session_id = %s", session)[0]
    begins = f"turn {turn} attempt 1 begins".encode()
    (writing,) = [name for name in ("inference", "inference-2") if begins in running.log(name).read_bytes()]
    running.stop(writing, force=True)
    killed = time.monotonic()
    anew = "SELECT 1 FROM chat_turn WHERE id = %s AND attempt = 2"
    try:
        wait_until(lambda: running.query(anew, turn), 10, "another worker begins anew")
        ravi.await_reply(seconds=25)
        print(f"whole reply {time.monotonic() - killed:.1f} s after the kill")
    finally:
        running.start(writing)
    assert ravi.numbers() == [1, 2, 3]
    attempts = running.query("SELECT attempt, status FROM chat_turn WHERE session_id = %s", session)
    assert attempts == [(2, "completed")]


def test_stop_keeps_what_was_said(person: Callable[..., Person]) -> None:
    yuki = person("yuki")
    yuki.open_chat()
    yuki.say(LONG)
    yuki.page.wait_for_selector(".is-draft")
    yuki.page.locator("[data-stop]").click()
    expect(yuki.page.locator("[data-stop]")).to_be_hidden()
    wait_until(lambda: yuki.messages("assistant").count() <= 1, 5, "at most the part that was said")


def test_signing_out_elsewhere_ends_the_chat(person: Callable[..., Person], running: Running) -> None:
    sami = person("sami")
    sami.open_chat()
    running.query("DELETE FROM django_session RETURNING session_key")
    sami.say("are you there?")
    expect(sami.page.locator("[data-status]")).to_contain_text("signed out")


def test_another_persons_conversation_is_not_found(
    person: Callable[..., Person], new_context: Callable[..., BrowserContext]
) -> None:
    alma = person("alma")
    alma.open_chat()
    bela = person("bela")
    answer = bela.page.goto(alma.page.url)
    assert answer is not None
    assert answer.status == 404
