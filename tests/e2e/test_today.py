"""From answers to a day, on a phone: questionnaire, draft, approval by a counsellor, Today, rating, chart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running

pytestmark = pytest.mark.e2e
Shot = Callable[[Page, str], None]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SAID = {
    "en": {"waits": "Your plan is a draft", "done": "3 before, 7 after", "talk": "talk about a step"},
    "zh": {"waits": "你的计划还是草稿", "done": "之前 3，之后 7", "talk": "聊聊计划里的这一步"},
}


@pytest.mark.parametrize(("language", "scheme"), [("zh", "dark"), ("en", "light")])
def test_from_answers_to_a_rated_step_and_a_chart(
    person: Callable[..., Person],
    new_context: Callable[..., BrowserContext],
    running: Running,
    shot: Shot,
    language: str,
    scheme: str,
) -> None:
    locale = "zh-CN" if language == "zh" else "en-US"
    client = person(f"today-{language}", locale=locale, viewport=PHONE, color_scheme=scheme)
    page, said = client.page, SAID[language]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    answer_gad7(page)
    page.goto("/plan/")
    page.locator("#plan-ask").click()
    expect(page.locator(".plan-step").first).to_be_visible(timeout=30_000)
    page.goto("/today/")
    expect(page.locator("main")).to_contain_text(said["waits"])
    approve(new_context, running, client.name)

    page.reload()
    expect(page.locator("[data-step]").first).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0
    shot(page, f"today-{language}")
    count = page.locator("[data-step]").count()
    assert 1 <= count <= 2
    page.locator("[data-do]").first.click()
    play(page)
    shot(page, f"today-run-{language}")
    assert page.evaluate(TOO_WIDE) <= 0
    page.locator("label[for=after-7]").click()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/today/")
    expect(page.locator("[data-rating]")).to_have_text(said["done"])
    shot(page, f"today-done-{language}")

    page.goto("/plan/")
    expect(page.locator(".plan-step.is-done")).to_have_count(1)
    page.goto("/today/")
    if page.locator("[data-talk]").count():
        page.locator("[data-talk]").first.click()
        page.wait_for_url("**/chat/**")
        expect(page.locator("[data-log]")).to_contain_text(said["talk"])
        shot(page, f"today-talk-{language}")
    page.goto("/progress/")
    expect(page.locator("figure canvas").first).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0
    shot(page, f"today-progress-{language}")
    assert complaints == []


def answer_gad7(page: Page) -> None:
    """All seven questions on one page: 11 points."""
    page.goto("/questionnaires/gad7/")
    page.locator("button[name=step][value=all]").click()
    page.wait_for_url("**/all/")
    for number in range(7):
        page.locator("fieldset").nth(number).locator(".asks__choice").nth(2 if number < 4 else 1).click()
    page.locator("button[name=step][value=send]").click()
    page.wait_for_url("**/result/*/")


def play(page: Page) -> None:
    """Rate before, look at the lines one by one, start and rest the clock."""
    page.locator("label[for=before-3]").click()
    expect(page.locator("[data-lines] > li:not([hidden])")).to_have_count(1)
    page.locator("[data-next]").click()
    expect(page.locator("[data-lines] > li").nth(1)).to_be_visible()
    page.locator("[data-start]").click()
    expect(page.locator("[data-pause]")).to_be_focused()
    page.locator("[data-pause]").click()
    expect(page.locator("[data-start]")).to_be_focused()


def approve(new_context: Callable[..., BrowserContext], running: Running, username: str) -> None:
    """A counsellor opens the plan with a reason and approves it."""
    counsellor = Person(new_context(viewport=DESKTOP).new_page(), "counsellor")
    counsellor.sign_in(*running.login_of("counsellor"))
    sql = "SELECT p.id FROM plans_plan p JOIN accounts_user u ON u.id = p.person_id WHERE u.username = %s"
    plan = running.query(sql, username)[0][0]
    page = counsellor.page
    page.goto(f"/admin/plans/plan/{plan}/change/")
    page.locator("form[action$='/open/'] [name=reason]").fill("first plan, to approve")
    page.locator("form[action$='/open/'] button").click()
    page.wait_for_url("**/read/**")
    page.locator("button[value=approve]").click()
    page.wait_for_url("**/admin/plans/plan/")
    assert running.query("SELECT state FROM plans_plan WHERE id = %s", plan) == [("active",)]
