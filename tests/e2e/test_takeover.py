"""A counsellor takes a conversation over in mid-sentence and hands it back; a person asks for a human. Two browsers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running, wait_until

pytestmark = pytest.mark.e2e
Shot = Callable[[Page, str], None]
WORDS = {
    "en": {
        "locale": "en-US",
        "first": "I failed my exam and my parents paid for everything, I feel so ashamed and I cannot sleep any more",
        "counsellor": "I am here with you. What was the worst moment today?",
        "answer": "telling my father",
        "next": "I think I can try to sleep now",
        "human": "You are writing with {name} (counsellor): a human.",
        "ai": "You are writing with an AI, not a human.",
        "ask": "Ask for a person",
        "typing": "The person is writing",
        "again": re.compile(r"\bAI\b"),
    },
    "zh": {
        "locale": "zh-CN",
        "first": "我考试没考好，爸妈为我花了那么多钱，我觉得特别丢脸，晚上一直睡不着",
        "counsellor": "我在这里陪着你。今天最难受的是哪一刻？",
        "answer": "告诉我爸的时候",
        "next": "我想现在可以试着睡一会儿了",
        "human": "你正在和{name}（咨询师）说话，这是真人。",
        "ai": "和你聊的是 AI，不是真人。",
        "ask": "我想找真人",
        "typing": "The person is writing",
        "again": re.compile("AI"),
    },
}


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    """Two browsers and a worker that has just started: on a busy machine that takes its time."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=15_000)


@pytest.fixture
def counsellor(new_context: Callable[..., BrowserContext], running: Running) -> tuple[Page, str]:
    """A counsellor of the demo at their desk."""
    somebody = Person(new_context(viewport={"width": 1280, "height": 900}).new_page(), "counsellor")
    name, password = running.login_of("counsellor")
    somebody.sign_in(name, password)
    return somebody.page, name


@pytest.fixture
def slow_speaker(running: Running) -> Iterator[None]:
    """A worker that takes its time: the take-over falls into the middle of a reply, however slow the machine is."""
    names = ("inference", "inference-2")
    pace = running.environ["COMPANION_PACE_SECONDS"]
    running.stop(*names)
    running.environ["COMPANION_PACE_SECONDS"] = "0.5"
    running.start("inference")
    yield
    running.stop("inference")
    running.environ["COMPANION_PACE_SECONDS"] = pace
    running.start(*names)


def sit_down(desk: Page, session: str) -> None:
    """Open the live conversation with a reason."""
    desk.goto(f"/desk/live/{session}/")
    if desk.locator("[name=reason]").count():
        desk.locator("[name=reason]").fill("asked for a human")
        desk.locator(".desk-form button").click()
    desk.wait_for_selector("[data-live]")


def listen(page: Page) -> None:
    """Keep everything that the quiet line says from now on: it says some things for four seconds only."""
    page.evaluate(
        """() => {
            const line = document.querySelector("[data-status]");
            window.said = [];
            new MutationObserver(() => window.said.push(line.textContent)).observe(line, {childList: true});
        }"""
    )


def write_until_heard(field: Locator, other: Page, words: str) -> None:
    """Keep writing until the other side says so: a sign goes out every few seconds, and only where it may be shown."""
    for _letter in range(100):
        field.press_sequentially("a")
        if other.evaluate("words => window.said.some((line) => line.includes(words))", words):
            return
        other.wait_for_timeout(300)
    raise AssertionError(f"not heard: {words}")


@pytest.mark.usefixtures("slow_speaker")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_taking_over_in_mid_sentence_silences_the_assistant(
    person: Callable[..., Person],
    counsellor: tuple[Page, str],
    running: Running,
    shot: Shot,
    language: str,
) -> None:
    words = WORDS[language]
    desk, name = counsellor
    somebody = person(f"taken-{language}", locale=words["locale"], viewport={"width": 390, "height": 844})
    session = somebody.open_chat()
    page = somebody.page
    # Flagged by the wish for a human, so that the desk may open it.
    page.locator("[data-ask]").click()
    expect(page.locator("[data-ask-panel]")).to_be_visible()
    shot(page, f"takeover-ask-{language}")
    page.locator("[data-ask-panel] form button").click()
    expect(page.locator("[data-ask-panel] form[action*=withdraw]")).to_be_visible()
    expect(page.locator(".message-system[data-seq]")).to_have_count(2)
    page.locator(".ask-close").click()
    shot(page, f"takeover-asked-{language}")

    sit_down(desk, session)
    somebody.say(str(words["first"]))
    expect(page.locator(".is-draft .message-text")).not_to_be_empty()
    desk.locator("[data-take] button").click()
    expect(page.locator("[data-who]")).to_have_text(str(words["human"]).format(name=name))
    expect(page.locator(".is-draft")).to_have_count(0)
    expect(page.locator("[data-stop]")).to_be_hidden()

    field = desk.locator("#live-text")
    expect(field).to_be_visible()
    listen(page)
    listen(desk)
    desk.locator(".live-status").wait_for(state="attached")
    write_until_heard(field, page, name)
    field.fill(str(words["counsellor"]))
    shot(desk, f"takeover-desk-{language}")
    field.press("Enter")
    expect(somebody.messages("counsellor")).to_have_count(1)
    expect(somebody.messages("counsellor").locator(".message-who")).to_contain_text(name)
    write_until_heard(page.locator("#chat-text"), desk, str(words["typing"]))
    somebody.say(str(words["answer"]))
    expect(desk.locator(".message-user").last).to_contain_text(str(words["answer"]))
    shot(page, f"takeover-person-{language}")
    page.reload()
    expect(page.locator("[data-who]")).to_have_text(str(words["human"]).format(name=name))
    # Longer than a whole reply takes: nothing of the assistant may come late.
    page.wait_for_timeout(4000)
    assert somebody.messages("assistant").count() == 0
    assert page.locator(".is-draft").count() == 0

    field.fill("…")
    field.press("Enter")
    expect(somebody.messages("counsellor")).to_have_count(2)
    desk.locator("[data-back] button").click()
    expect(page.locator("[data-who]")).to_have_text(str(words["ai"]))
    expect(somebody.messages("assistant")).to_have_count(0)
    somebody.say(str(words["next"]))
    assert words["again"].search(somebody.await_reply(seconds=60))  # type: ignore[union-attr]
    shot(page, f"takeover-back-{language}")
    owners = running.query("SELECT owner, epoch FROM chat_chatsession WHERE id = %s", session)
    assert owners == [("assistant", 2)]


def test_a_counsellor_who_vanishes_is_relieved(
    person: Callable[..., Person], counsellor: tuple[Page, str], running: Running
) -> None:
    desk, name = counsellor
    somebody = person("left-alone")
    session = somebody.open_chat()
    somebody.page.locator("[data-ask]").click()
    somebody.page.locator("[data-ask-panel] form button").click()
    expect(somebody.page.locator("[data-ask-panel] form[action*=withdraw]")).to_be_visible()
    sit_down(desk, session)
    desk.locator("[data-take] button").click()
    expect(somebody.page.locator("[data-who]")).to_contain_text(name)
    somebody.say("are you there?")
    desk.close()
    # As if the lost minutes had passed: the sweep of the running programs does the rest.
    past = "UPDATE chat_takeover SET seen_at = now() - interval '10 minutes' WHERE session_id = %s AND ended_at IS NULL"
    notice = somebody.page.locator(".message-system").last

    def is_told() -> bool:
        # Again each time: a last sign of life of the page that closes may come after it.
        running.change(past, session)
        return "was lost" in notice.inner_text()

    wait_until(is_told, 30, "the person is told")
    somebody.await_reply()
    assert running.query(
        "SELECT 1 FROM safety_alert WHERE session_id = %s AND kind = 'request_human' AND resolved_at IS NULL", session
    )


def test_asking_without_scripts(new_context: Callable[..., BrowserContext], person: Callable[..., Person]) -> None:
    somebody = person("plain-asker")
    session = somebody.open_chat()
    state = somebody.page.context.storage_state()
    page = new_context(java_script_enabled=False, storage_state=state).new_page()
    page.goto(f"/chat/{session}/")
    page.locator("[data-ask]").click()
    expect(page.locator("h2")).to_be_visible()
    page.locator("[data-ask-panel] form button").click()
    expect(page.locator(".message-system")).to_have_count(2)
