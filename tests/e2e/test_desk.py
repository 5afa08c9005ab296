"""The desk in a browser: two counsellors, one conversation, a whole decision; both languages, phone and desktop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running, wait_until

pytestmark = pytest.mark.e2e
Shot = Callable[[Page, str], None]
QUEUE = "/admin/safety/riskflag/"
PASSWORD = "attune-demo-2026"
DANGER = "I want to die. I have the pills next to me and I am going to do it tonight."


@pytest.fixture
def at_desk(new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A counsellor at the queue."""

    def sign_in(name: str, **options: object) -> Page:
        somebody = Person(new_context(**{"viewport": {"width": 1280, "height": 900}, **options}).new_page(), name)
        somebody.sign_in(name, PASSWORD)
        somebody.page.goto(QUEUE)
        return somebody.page

    return sign_in


def flag_of(running: Running, session: str) -> str:
    rows = running.query("SELECT id FROM safety_riskflag WHERE session_id = %s ORDER BY level DESC", session)
    return str(rows[0][0])


def open_flag(page: Page, flag: str) -> None:
    page.goto(f"{QUEUE}{flag}/change/")
    page.locator("form[action$='/open/'] [name=reason]").fill("an alert came in at night")
    page.locator("form[action$='/open/'] button").first.click()


def test_from_the_queue_to_a_whole_decision(
    person: Callable[..., Person], at_desk: Callable[..., Page], running: Running, shot: Shot
) -> None:
    client = person("desk-client")
    session = client.open_chat()
    client.say(DANGER)
    expect(client.page.locator("[data-card]")).to_be_visible()
    expect(client.messages("user")).to_have_count(1)
    flag = flag_of(running, session)

    carol, dan = at_desk("demo-counsellor"), at_desk("demo-counsellor-2")
    open_flag(carol, flag)
    carol.wait_for_url("**/read/**")
    answers_without_scrolling(carol)
    walk_by_keyboard(carol, flag)
    shot(carol, "desk-packet")

    dan.goto(QUEUE)
    row = dan.locator(f"tr:has(a[href*='{flag}'])")
    expect(row.locator(".desk-claim--taken")).to_have_text("demo-counsellor")
    shot(dan, "desk-queue-claimed")
    open_flag(dan, flag)
    expect(dan.locator(".desk-error")).to_contain_text("demo-counsellor works on this conversation")

    carol.locator("#decision .desk-button").click()
    expect(carol.locator("#decision .desk-error").first).to_contain_text("without that the flag stays open")
    decide(carol)
    state = "SELECT state FROM safety_riskflag WHERE id = %s"
    wait_until(lambda: running.query(state, flag)[0][0] == "reviewed", 10, "the flag is closed")

    dan.goto(f"{QUEUE}second-looks/")
    dan.locator(".desk a[href*='second-looks/']").first.click()
    expect(dan.locator(".desk")).not_to_contain_text("demo-counsellor works")
    expect(dan.locator("#decision")).to_be_visible()
    shot(dan, "desk-second-look")


def answers_without_scrolling(page: Page) -> None:
    """Thoughts, plan, means and time stand on the first screen."""
    facts = page.locator(".desk-fact")
    expect(facts).to_have_count(4)
    for fact in facts.all():
        box = fact.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 900
    expect(facts.nth(2)).to_contain_text("pills")
    expect(facts.nth(3)).to_contain_text("tonight")


def walk_by_keyboard(page: Page, flag: str) -> None:
    """f goes to the flag, k back, j forth; the message that has the focus is the one that is read."""
    page.keyboard.press("f")
    expect(page.locator(".desk-row--this")).to_be_focused()
    expect(page.locator(".desk-row--this .desk-reason").first).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator(".desk-row--this")).not_to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".desk-row--this")).to_be_focused()


def decide(page: Page) -> None:
    form = page.locator("#decision")
    form.locator("[name=outcome][value=true_alarm]").check()
    values = {"level_given": "4", "desire": "yes", "plan": "yes", "means": "yes", "timeframe": "yes"}
    for name, value in (values | {"action": "contacted", "contact": "in_chat"}).items():
        form.locator(f"[name={name}]").select_option(value)
    form.locator("[name=follow_up_on]").fill((datetime.now(UTC) + timedelta(days=1)).date().isoformat())
    form.locator("[name=note]").fill("spoke with them, the pills are with a neighbour")
    form.locator(".desk-button").click()


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 1280, "light"), ("zh-hans", 1280, "dark"), ("zh-hans", 390, "light")]
)
def test_pages_fit_and_speak_the_language(
    at_desk: Callable[..., Page], shot: Shot, language: str, width: int, scheme: str
) -> None:
    page = at_desk("demo-supervisor", viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto("/me/profile/")
    page.locator("main select[name=language]").select_option(language)
    page.locator("main form button").last.click()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    for name in ("", "report/", "sample/", "second-looks/", "team/", "tasks/", "emergencies/"):
        page.goto(QUEUE + name)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 1, f"{name or 'queue'} is {wide} px too wide"
        words = page.locator(".desk, .desk-now").first.inner_text()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words) == (language != "en"), name
        shot(page, f"desk-{name.strip('/') or 'queue'}-{language}-{width}-{scheme}")
    assert faults == []


def test_without_a_reason_that_counts_nothing_opens(
    person: Callable[..., Person], at_desk: Callable[..., Page], running: Running
) -> None:
    client = person("quiet-client")
    session = client.open_chat()
    client.say("I had a long day at work")
    client.await_reply()
    page = at_desk("demo-counsellor-2")
    page.goto(f"{QUEUE}session/{session}/open/")
    expect(page.locator(".desk")).to_contain_text("Emergency opening")
    page.locator("[name=reason]").fill("just looking")
    page.locator("form:has([name=reason]) button").click()
    expect(page.locator(".desk-error")).to_be_visible()
    page.locator("[name=reason]").fill("Their flatmate rang and fears for their life tonight.")
    page.locator("form:has([name=reason]) button").click()
    expect(page.locator(".desk-banner--glass")).to_be_visible()
    client.page.goto("/me/privacy/")
    expect(client.page.locator("main")).to_contain_text("Their flatmate rang")
