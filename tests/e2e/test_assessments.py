"""Questionnaires in a real browser: an answer that speaks of death is followed up at once, totals become a picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running

pytestmark = pytest.mark.e2e
PHONE = {"width": 390, "height": 844}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# 14 points, the ninth answer is 1, and the question about difficulty.
FOURTEEN = (2, 2, 2, 2, 1, 2, 1, 1, 1, 1)


def answer_all(page: Page, answers: tuple[int, ...], *, first: int = 1) -> None:
    """One question after the other, as somebody would: tap an answer, then on."""
    for number, value in enumerate(answers, start=first):
        page.wait_for_url(f"**/{number}/")
        page.locator(".asks__choice").nth(value).click()
        page.locator("button[name=step][value=next]").click()


def test_item_nine_on_a_phone_in_chinese(
    person: Callable[..., Person], running: Running, shot: Callable[[Page, str], None]
) -> None:
    somebody = person("asked-zh", locale="zh-CN", viewport=PHONE)
    page = somebody.page
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/questionnaires/phq9/")
    shot(page, "questionnaire-about-zh")
    page.locator("button[name=step][value=one]").click()
    page.wait_for_url("**/1/")
    shot(page, "questionnaire-question-zh")
    answer_all(page, FOURTEEN[:9])
    # The follow-up stands there at once, help above the questions.
    page.wait_for_url("**/questions/")
    expect(page.locator(".care-now")).to_be_visible()
    expect(page.get_by_text("你想过结束自己的生命吗？")).to_be_visible()
    shot(page, "questionnaire-follow-up-zh")
    assert page.evaluate(TOO_WIDE) <= 0
    flags = running.query(
        "SELECT f.level, f.kind FROM safety_riskflag f JOIN accounts_user u ON u.id = f.person_id "
        "WHERE u.username = %s",
        "asked-zh",
    )
    assert [tuple(row) for row in flags] == [(2, "ideation_active")]
    page.locator("fieldset").nth(0).locator(".asks__choice").nth(1).click()
    page.locator("fieldset").nth(3).locator(".asks__choice").nth(0).click()
    page.locator("button[name=step][value=send]").click()
    answer_all(page, FOURTEEN[9:], first=10)
    page.wait_for_url("**/check/")
    page.locator("main form button.btn--primary").click()
    page.wait_for_url("**/result/*/")
    expect(page.get_by_text("你的回答加起来是 14 分，满分 27。")).to_be_visible()
    shot(page, "questionnaire-result-zh")
    page.locator("a[href$='/phq9/history/']").first.click()
    expect(page.locator("figure canvas")).to_be_visible()
    expect(page.locator(".chart__table tbody tr")).to_have_count(1)
    expect(page.locator(".chart__table tbody tr")).to_contain_text("中度")
    shot(page, "questionnaire-history-zh")
    assert page.evaluate(TOO_WIDE) <= 0
    assert complaints == []


def test_the_gad7_in_english_all_on_one_page(person: Callable[..., Person], shot: Callable[[Page, str], None]) -> None:
    somebody = person("asked-en", viewport={"width": 1280, "height": 800})
    page = somebody.page
    page.goto("/questionnaires/gad7/")
    page.locator("button[name=step][value=all]").click()
    page.wait_for_url("**/all/")
    for number in range(7):
        page.locator("fieldset").nth(number).locator(".asks__choice").nth(2 if number < 4 else 1).click()
    shot(page, "questionnaire-all-en")
    page.locator("button[name=step][value=send]").click()
    page.wait_for_url("**/result/*/")
    expect(page.get_by_text("Your answers add up to 11 of 21.")).to_be_visible()
    expect(page.get_by_text("calls “moderate”")).to_be_visible()
    # The back button after sending leads on, and changes nothing.
    page.go_back()
    page.reload()
    expect(page.get_by_text("Your answers add up to 11 of 21.")).to_be_visible()
    page.goto("/progress/")
    expect(page.locator("figure canvas")).to_be_visible()
    shot(page, "progress-en")
