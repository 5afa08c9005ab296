"""The whole way, as a person and as a counsellor: sign up, talk, plan, review, approval, privacy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running, wait_until

pytestmark = pytest.mark.e2e
Shot = Callable[[Page, str], None]
TALKS = {
    "en": [
        "I have an exam on Monday and I can't sleep, I keep thinking I will fail",
        "My mother says I am just lazy, and that makes me feel so ashamed",
        "I would like to sleep again and get through the week",
        "What could I do tonight?",
    ],
    "zh": [
        "周一要考试，我睡不着，一直觉得自己会挂科",
        "我妈说我就是懒，我听了特别难受",
        "我想先把觉睡好，撑过这一周",
        "今晚我可以做点什么？",
    ],
}
DANGER = {"en": "I am going to kill myself tonight, the pills are in my hand", "zh": "我现在就要自杀，药已经拿在手里了"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_sign_up_to_an_approved_plan(
    person: Callable[..., Person],
    new_context: Callable[..., BrowserContext],
    running: Running,
    shot: Shot,
    language: str,
) -> None:
    phone = (
        {"viewport": {"width": 390, "height": 844}}
        if language == "zh"
        else {"viewport": {"width": 1280, "height": 800}}
    )
    client = person(f"path-{language}", locale="zh-CN" if language == "zh" else "en-US", **phone)
    session = client.open_chat()
    for number, text in enumerate(TALKS[language], start=1):
        client.say(text)
        client.page.wait_for_selector(".is-draft")
        assert client.await_reply(number)
    shot(client.page, f"chat-{language}")
    assert_language(client, language)

    wait_until(lambda: plan_state(running, client.name) == "draft", 20, "the plan is drafted")
    client.page.goto("/plan/")
    expect(client.page.locator("main")).to_contain_text("草稿" if language == "zh" else "draft")
    steps = client.page.locator("main article, main li[id^=step], main [data-step]")
    expect(client.page.locator("main")).to_contain_text("因为" if language == "zh" else "Because")
    assert steps.count() == 0 or 3 <= steps.count() <= 6
    shot(client.page, f"plan-{language}")

    client.page.goto(f"/chat/{session}/")
    client.page.wait_for_selector("[data-chat][data-state=joined]")
    client.say(DANGER[language])
    expect(client.page.locator("[data-card]")).to_be_visible(timeout=2000)

    counsellor = Person(new_context(viewport={"width": 1280, "height": 800}).new_page(), "counsellor")
    counsellor.sign_in(*running.login_of("counsellor"))
    review(counsellor, running, session, shot)
    approve(counsellor, running, client.name, shot)

    client.page.goto("/plan/")
    expect(client.page.locator("main")).to_contain_text("已" if language == "zh" else "approved")
    client.page.goto("/me/privacy/")
    expect(client.page.locator("main")).to_contain_text("to see how we can help tonight")
    shot(client.page, f"privacy-{language}")


def assert_language(client: Person, language: str) -> None:
    words = client.messages("assistant").last.inner_text()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in words) == (language == "zh")


def plan_state(running: Running, username: str) -> str:
    sql = "SELECT p.state FROM plans_plan p JOIN accounts_user u ON u.id = p.person_id WHERE u.username = %s"
    rows = running.query(sql, username)
    return str(rows[0][0]) if rows else ""


def review(counsellor: Person, running: Running, session: str, shot: Shot) -> None:
    """Queue, reason, transcript, outcome."""
    page = counsellor.page
    page.goto("/admin/safety/riskflag/")
    first = page.locator("#result_list tbody tr, table tbody tr").first
    expect(first).to_contain_text("imminent")
    shot(page, "desk-queue")
    flag = running.query(
        "SELECT id FROM safety_riskflag WHERE session_id = %s ORDER BY level DESC, created_at LIMIT 1", session
    )[0][0]
    page.goto(f"/admin/safety/riskflag/{flag}/change/")
    expect(page.locator("body")).not_to_contain_text("pills")
    page.locator("form[action$='/open/'] [name=reason]").fill("to see how we can help tonight")
    page.locator("form[action$='/open/'] button").click()
    page.wait_for_url("**/read/**")
    expect(page.locator("mark").first).to_be_visible()
    shot(page, "desk-transcript")
    page.locator("[name=outcome]").first.wait_for()
    choose(page, "outcome", "true_alarm")
    choose(page, "level_given", "4")
    for fact in ("desire", "plan", "means", "timeframe"):
        choose(page, fact, "yes")
    choose(page, "action", "contacted")
    choose(page, "contact", "by_phone")
    page.locator("[name=follow_up_on]").fill((datetime.now(UTC) + timedelta(days=1)).date().isoformat())
    note = page.locator("[name=note]")
    if note.count():
        note.fill("called back, is with a friend now")
    page.locator("form:has([name=outcome]) button.desk-button").click()
    wait_until(
        lambda: running.query("SELECT state FROM safety_riskflag WHERE id = %s", flag)[0][0] == "reviewed",
        10,
        "the flag is reviewed",
    )


def choose(page: Page, name: str, value: str) -> None:
    """Pick a value from radio buttons or a list."""
    field = page.locator(f"[name={name}]").first
    if field.evaluate("e => e.tagName") == "SELECT":
        field.select_option(value)
    else:
        page.locator(f"[name={name}][value={value}]").check()


def approve(counsellor: Person, running: Running, username: str, shot: Shot) -> None:
    """Open the plan with a reason and approve it."""
    page = counsellor.page
    plan = running.query(
        "SELECT p.id FROM plans_plan p JOIN accounts_user u ON u.id = p.person_id WHERE u.username = %s", username
    )[0][0]
    page.goto(f"/admin/plans/plan/{plan}/change/")
    page.locator("form[action$='/open/'] [name=reason]").fill("first plan, to approve")
    page.locator("form[action$='/open/'] button").click()
    page.wait_for_url("**/read/**")
    shot(page, "desk-plan")
    page.locator("button[value=approve]").click()
    wait_until(lambda: plan_state(running, username) == "active", 10, "the plan is approved")
