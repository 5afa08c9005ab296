"""A check-in on a phone, in Chinese; and a remembered thing that is deleted and gone from what Attune knows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.people import Person

PHONE = {"width": 390, "height": 844}
PATIENT = 20_000


def test_a_check_in_on_a_phone(person: Callable[..., Person], shot: Callable[[Page, str], None]) -> None:
    somebody = person("diary-zh", locale="zh-CN", viewport=PHONE)
    page = somebody.page
    page.goto("/journal/")
    expect(page.locator("h1")).to_have_text("今天怎么样？")
    page.locator(".mood-grid__cell[data-valence='1'][data-arousal='-1']").click()
    expect(page.locator("input[name=valence][value='1']")).to_be_checked()
    # The rows are radios like any other: arrow keys move them, and the grid follows.
    page.locator("input[name=valence][value='1']").press("ArrowRight")
    expect(page.locator(".mood-grid__cell.is-chosen")).to_have_attribute("data-valence", "2")
    page.locator(".chip").filter(has_text="平静").click()
    page.locator("[name=sleep_hours]").fill("6.5")
    shot(page, "journal-check-in")
    page.locator(".journal-save button").click()
    page.wait_for_url("**/journal/days/")
    expect(page.locator(".journal-entry")).to_contain_text("很愉快 · 比较平静")
    expect(page.locator(".journal-entry")).to_contain_text("6.5 小时")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "journal-days")
    page.goto("/journal/")
    page.locator("[name=text]").fill("我不想活了，药已经准备好了")
    page.locator(".journal-save button").click()
    expect(page.locator("[data-card]")).to_be_visible(timeout=PATIENT)
    shot(page, "journal-help")
    page.locator("[data-card] a[href^='/chat/']").click()
    page.wait_for_selector("[data-chat][data-state=joined]")
    expect(page.locator("[data-card]")).to_be_visible(timeout=PATIENT)


def test_a_deleted_memory_is_gone(person: Callable[..., Person], shot: Callable[[Page, str], None]) -> None:
    somebody = person("remembered")
    page = somebody.page
    page.goto("/memory/")
    page.locator("main button[value=yes]").click()
    somebody.open_chat()
    somebody.say("I lost my job last month. The days are long.")
    somebody.await_reply(1)

    def is_there() -> bool:
        page.goto("/memory/")
        return page.locator(".memory-text").count() > 0

    for _try in range(20):
        if is_there():
            break
        page.wait_for_timeout(500)
    expect(page.locator(".memory-text")).to_have_text("I lost my job last month")
    shot(page, "memory")
    somebody.open_chat()
    somebody.say("What do you know about me?")
    assert "I lost my job last month" in somebody.await_reply(1)
    page.goto("/memory/")
    page.locator(".memory-item").filter(has_text="I lost my job").locator("form button").click()
    expect(page.locator(".memory-text")).to_have_count(0)
    somebody.open_chat()
    somebody.say("What do you know about me?")
    assert "job" not in somebody.await_reply(1)
    page.goto("/memory/")
    expect(page.locator(".memory-text")).to_have_count(0)
