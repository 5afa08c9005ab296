"""The picture of one's feelings, in a real browser: it grows with each reply, and goes when it is switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running

pytestmark = pytest.mark.e2e
WORDS = {
    "en": (
        "I am so sad since my cat died, the flat is empty.",
        "I feel really scared about the exam on Monday.",
        "My sister called and I was so happy to hear her laugh.",
    ),
    "zh": (
        "猫走了以后我很难过，家里空空的。",
        "周一要考试，我真的很害怕。",
        "姐姐打来电话，我们笑了好久，今天真高兴，太开心了！",
    ),
}
NAMES = {"en": ("sadness", "fear"), "zh": ("难过", "害怕")}
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def fold(page: Page) -> Locator:
    return page.locator("[data-feelings-fold]")


def unfold(page: Page) -> Locator:
    page.locator("[data-feelings-fold] > summary").click()
    return page.locator("[data-feelings-picture]")


def talk(somebody: Person, language: str) -> None:
    for count, text in enumerate(WORDS[language], start=1):
        somebody.say(text)
        somebody.await_reply(count)


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("en", "light", DESKTOP), ("zh", "dark", PHONE), ("en", "dark", PHONE), ("zh", "light", DESKTOP)],
)
def test_the_picture_grows_with_each_reply(
    person: Callable[..., Person],
    shot: Callable[[Page, str], None],
    language: str,
    scheme: str,
    size: dict[str, int],
) -> None:
    locale = "zh-CN" if language == "zh" else "en-US"
    somebody = person(f"felt-{language}-{scheme}", locale=locale, color_scheme=scheme, viewport=size)
    page = somebody.page
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    somebody.open_chat()
    expect(page.locator("[data-feelings-picture] svg")).to_have_count(0)
    picture = unfold(page)
    expect(picture).to_contain_text("还没有内容" if language == "zh" else "Nothing to show yet")
    for count, text in enumerate(WORDS[language], start=1):
        somebody.say(text)
        somebody.await_reply(count)
        expect(picture.locator(".feelings-dot")).to_have_count(count)
    for name in NAMES[language]:
        expect(picture.locator("svg")).to_contain_text(name)
    assert page.evaluate(TOO_WIDE) <= 0
    shot(page, f"feelings-{language}-{scheme}-{size['width']}")
    picture.locator("[data-feelings-table] > summary").click()
    expect(picture.locator("tbody tr")).to_have_count(3)
    page.locator(".feelings-off > summary").click()
    page.locator(".feelings-choices").scroll_into_view_if_needed()
    shot(page, f"feelings-off-{language}-{scheme}-{size['width']}")
    assert page.evaluate(TOO_WIDE) <= 0
    assert complaints == []


def test_stopping_reads_nothing_more(person: Callable[..., Person], running: Running, shot) -> None:
    somebody = person("felt-stop")
    page = somebody.page
    session = somebody.open_chat()
    somebody.say(WORDS["en"][0])
    somebody.await_reply(1)
    readings = "SELECT 1 FROM observations_observation o JOIN chat_message m ON m.id = o.message_id "
    readings += "WHERE m.session_id = %s AND o.kind = 'emotion'"
    assert len(running.query(readings, session)) == 1
    unfold(page)
    page.locator("#chat-text").fill("half a thought")
    page.locator(".feelings-off > summary").click()
    page.locator(".feelings-forget input").check()
    page.locator("button[value=stop]").click()
    expect(page.locator(".feelings-done")).to_be_focused()
    expect(fold(page)).to_have_count(0)
    shot(page, "feelings-stopped")
    # What was being written is still there, and the talk goes on without being read.
    expect(page.locator("#chat-text")).to_have_value("half a thought")
    assert running.query(readings, session) == []
    somebody.say(WORDS["en"][1])
    somebody.await_reply(2)
    assert running.query(readings, session) == []
    page.reload()
    expect(page.locator("[data-feelings]")).to_have_count(0)


def test_putting_it_away_and_back_by_keyboard(person: Callable[..., Person]) -> None:
    somebody = person("felt-hide", locale="zh-CN")
    page = somebody.page
    somebody.open_chat()
    page.locator("[data-feelings-fold] > summary").focus()
    page.keyboard.press("Enter")
    page.locator(".feelings-off > summary").focus()
    page.keyboard.press("Enter")
    page.locator("button[value=hide]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".feelings-done")).to_have_text("情绪图已收起。")
    page.reload()
    expect(fold(page)).to_have_count(0)
    page.locator("button[value=show]").click()
    expect(fold(page)).to_be_visible()
    talk(somebody, "zh")
    unfold(page)
    expect(page.locator(".feelings-dot")).to_have_count(3)


def test_without_scripts(person: Callable[..., Person], new_context: Callable[..., object]) -> None:
    somebody = person("felt-plain")
    somebody.open_chat()
    somebody.say(WORDS["en"][0])
    somebody.await_reply(1)
    plain = new_context(java_script_enabled=False, storage_state=somebody.page.context.storage_state()).new_page()  # type: ignore[attr-defined]
    plain.goto(somebody.page.url)
    plain.locator("[data-feelings-fold] > summary").click()
    plain.locator("[data-feelings-picture] a").click()
    expect(plain.locator(".feelings-dot")).to_have_count(1)
    plain.locator(".feelings-off > summary").click()
    plain.locator("button[value=stop]").click()
    expect(plain.locator("[data-feelings]")).to_have_count(0)


def test_help_has_the_room(person: Callable[..., Person]) -> None:
    somebody = person("felt-danger", viewport=PHONE)
    page = somebody.page
    somebody.open_chat()
    unfold(page)
    somebody.say("I don't want to live anymore. I have the pills next to me and I am going to do it tonight.")
    expect(page.locator("[data-card]")).to_be_visible()
    expect(page.locator("[data-feelings]")).to_be_hidden()
    somebody.await_reply()
    page.locator("[data-fold]").click()
    expect(page.locator("[data-feelings]")).to_be_visible()
