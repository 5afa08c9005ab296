"""A person in crisis, in a real browser: help with the web alone, ways around what stands in between, offline."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running, wait_until

pytestmark = pytest.mark.e2e
DANGER = "我不想活了，药已经准备好了"
WORKERS = ("inference", "inference-2", "alerts", "default", "beat", "delivery")
Shot = Callable[[Page, str], None]


def test_help_and_an_open_alert_with_every_worker_stopped(
    person: Callable[..., Person],
    new_context: Callable[..., BrowserContext],
    running: Running,
    shot: Shot,
) -> None:
    somebody = person("crisis-no-workers", locale="zh-CN")
    session = somebody.open_chat()
    running.stop(*WORKERS)
    try:
        began = time.monotonic()
        somebody.say(DANGER)
        card = somebody.page.locator("[data-card]")
        expect(card).to_be_visible(timeout=2000)
        expect(card.locator("a[href='tel:12356']")).to_be_visible(timeout=500)
        expect(card.locator("a[href='tel:120']")).to_have_count(1)
        assert time.monotonic() - began < 2.5
        shot(somebody.page, "crisis-card")
        counsellor = Person(new_context(locale="en-US").new_page(), "desk")
        counsellor.sign_in(*running.login_of("counsellor"))
        counsellor.page.goto("/admin/")
        flag = running.query("SELECT flag_id FROM safety_alert WHERE session_id = %s AND resolved_at IS NULL", session)
        assert flag
        expect(counsellor.page.locator(f"a[href*='{flag[0][0]}']").first).to_be_visible()
        shot(counsellor.page, "crisis-desk")
    finally:
        running.start(*WORKERS)


def test_just_kidding_changes_nothing_and_a_question_is_scheduled(
    person: Callable[..., Person], running: Running
) -> None:
    somebody = person("crisis-kidding", locale="zh-CN")
    session = somebody.open_chat()
    somebody.say(DANGER)
    card = somebody.page.locator("[data-card]")
    expect(card).to_be_visible()
    first = card.locator(".card-body > p").inner_text()
    somebody.await_reply()
    levels = (
        "SELECT level FROM safety_personrisk JOIN chat_chatsession USING (person_id) WHERE chat_chatsession.id = %s"
    )
    ((before,),) = running.query(levels, session)
    assert before >= 3
    somebody.say("开玩笑的，逗你玩")
    somebody.await_reply(2)
    expect(card).to_be_visible()
    ((after,),) = running.query(levels, session)
    assert after >= before, "a joke never lowers"
    assert running.query("SELECT state FROM care_checkin WHERE session_id = %s", session) == [("waiting",)]
    assert running.query("SELECT 1 FROM safety_riskflag WHERE session_id = %s AND state = 'open'", session)
    somebody.say(DANGER)
    expect(card.locator(".card-body > p")).not_to_have_text(first)
    assert card.locator("a[href='tel:12356']").count() == 1


def test_what_makes_it_hard_leads_to_a_call_back(person: Callable[..., Person], running: Running, shot: Shot) -> None:
    somebody = person("crisis-barrier", locale="zh-CN")
    session = somebody.open_chat()
    somebody.say(DANGER)
    somebody.await_reply()
    card = somebody.page.locator("[data-card]")
    card.locator(".card-barriers > summary").click()
    silent = card.locator("[data-barrier=silent]")
    silent.locator("summary").click()
    expect(silent.locator("p")).to_be_visible()
    shot(somebody.page, "crisis-barriers")
    silent.locator("a").click()
    somebody.page.wait_for_url("**/care/call-back/")
    somebody.page.locator("[name=number]").fill("13800138000")
    somebody.page.locator("main form button").last.click()
    expect(somebody.page.locator("main")).to_contain_text("13800138000")
    alerts = running.query("SELECT kind FROM safety_alert WHERE session_id = %s ORDER BY kind", session)
    assert ("callback",) in alerts


def test_the_safety_plan_is_one_tap_away_and_opens_offline(person: Callable[..., Person], shot: Shot) -> None:
    somebody = person("crisis-plan", locale="en-US")
    somebody.open_chat()
    somebody.say("I want to kill myself tonight, I have the pills here")
    somebody.page.locator("[data-card] .card-body > .card-ways [data-way=plan]").click()
    page = somebody.page
    page.locator("main a[href='/care/plan/edit/']").click()
    page.locator("[name=trusted_0]").fill("Mum")
    page.locator("[name=trusted_0_phone]").fill("+44 20 7946 0001")
    page.locator("[name=coping_0]").fill("walk to the river and back")
    page.locator("main form button").click()
    expect(page.locator("a[href='tel:+442079460001']")).to_be_visible()
    page.locator("[data-offline-switch]").click()
    expect(page.locator("[data-offline-state]")).to_contain_text("without a network")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("main")).to_contain_text("walk to the river and back")
    expect(page.locator("a[href='tel:+442079460001']")).to_be_visible()
    expect(page.locator("[data-offline-state]")).to_contain_text("You are offline")
    page.context.set_offline(False)
    page.locator("[data-offline-switch]").click()
    expect(page.locator("[data-offline-state]")).to_contain_text("Not kept")
    assert page.evaluate("caches.has('attune-plan')") is False


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_help_opens_offline_once_it_was_loaded(new_context: Callable[..., BrowserContext], locale: str) -> None:
    page = new_context(locale=locale).new_page()
    page.goto("/help/")
    # Asked from outside: a check that the page repeats by itself would be evaluated code, which our policy forbids.
    wait_until(lambda: page.evaluate("caches.match('/help/').then(Boolean)"), 20, "the help page is kept")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    numbers = page.locator("a[href^='tel:']").count()
    assert numbers >= 2
    page.context.set_offline(True)
    page.goto("/help/")
    expect(page.locator("a[href^='tel:']")).to_have_count(numbers)
    page.goto("/help/?country=JP")
    assert page.locator("a[href^='tel:']").count() >= 2


def test_the_card_and_plan_work_without_scripts(new_context: Callable[..., BrowserContext], running: Running) -> None:
    """Server pages alone: the card with its answers, the plan and the call back."""
    context = new_context(locale="zh-CN", java_script_enabled=False)
    somebody = Person(context.new_page(), "crisis-no-scripts")
    page = somebody.page
    page.goto("/accounts/signup/")
    page.locator("[name=username]").fill(somebody.name)
    page.locator("[name=password1]").fill("quiet-river-candle-42")
    page.locator("[name=adult]").check()
    page.locator("main form button").last.click()
    for name in ("adult", "understood", "service", "health_data", "emotion_reading"):
        if page.locator(f"[name={name}]").count():
            page.locator(f"[name={name}]").check()
    page.locator("main form").first.locator("button").last.click()
    page.goto("/chat/")
    page.locator("main form[action$='/chat/new/'] button").first.click()
    page.locator("#chat-text").fill(DANGER)
    page.locator("[data-composer] button[type=submit]").click()
    card = page.locator("[data-card]")
    expect(card.locator("a[href='tel:12356']")).to_be_visible()
    card.locator(".card-barriers > summary").click()
    card.locator("[data-barrier=burden] summary").click()
    expect(card.locator("[data-barrier=burden] p")).to_be_visible()
    card.locator(".card-body > .card-ways [data-way=plan]").click()
    expect(page.locator("a[href='tel:120']")).to_be_visible()
