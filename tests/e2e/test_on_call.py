"""On call in a real browser: the chain step by step, going offline, a first page that turns red and green again."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.people import Person
from tests.e2e.running import Running, wait_until
from tests.oncall.receiver import Receiver, listening

pytestmark = pytest.mark.e2e
# Seconds between two steps of the chain.
STEP = int(os.environ.get("ON_CALL_STEP_SECONDS", "10"))
DANGER = "I don't want to live anymore, the pills are ready"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Running]:
    """The page and the loop that needs no broker: nothing else is needed here, no worker and no clock."""
    folder = tmp_path_factory.mktemp("on-call")
    stack = Running(
        folder,
        database="attune_on_call",
        EMAIL_URL=f"filemail:///{folder / 'mail'}",
        ALERT_WEBHOOKS=f"generic+{receiver.url}",
        ALERT_WEBHOOK_SECRET="of this test",
    )
    (folder / "mail").mkdir()
    try:
        stack.prepare()
        put_on_call(stack)
        stack.start("web", "delivery")
        yield stack
    finally:
        stack.close()


def put_on_call(running: Running) -> None:
    """Two counsellors and the supervisor, day and night, with a chain of short steps."""
    lines = {"demo-counsellor": "first", "demo-counsellor-2": "second", "demo-supervisor": "supervisor"}
    running.query("DELETE FROM oncall_shift RETURNING 1")
    for name, line in lines.items():
        ((user_id,),) = running.query("SELECT id FROM accounts_user WHERE username = %s", name)
        running.query(
            "INSERT INTO oncall_responder (user_id, time_zone, languages) VALUES (%s, 'UTC', '[\"en\", \"zh\"]')"
            " ON CONFLICT (user_id) DO UPDATE SET time_zone = 'UTC' RETURNING 1",
            user_id,
        )
        for weekday in range(7):
            running.query(
                "INSERT INTO oncall_shift (responder_id, line, weekday, starts, ends)"
                " VALUES (%s, %s, %s, '00:00', '00:00') RETURNING 1",
                user_id,
                line,
                weekday,
            )
    for level in (3, 4):
        ((policy_id,),) = running.query(
            "INSERT INTO oncall_policy (level, reescalate_after, waits_for_duty) VALUES (%s, 900, false) RETURNING id",
            level,
        )
        for delay, target in ((0, "first"), (STEP, "second"), (2 * STEP, "supervisor")):
            running.query(
                "INSERT INTO oncall_policystep (policy_id, delay, target) VALUES (%s, %s, %s) RETURNING 1",
                policy_id,
                delay,
                target,
            )


@pytest.fixture
def staff(new_context: Callable[..., BrowserContext], running: Running) -> Callable[..., Page]:
    """The admin as somebody of the demo staff sees it."""

    def open_for(username: str, **options: object) -> Page:
        page = new_context(**options).new_page()
        _, password = running.login_of("counsellor")
        Person(page, username).sign_in(username, password)
        page.goto("/admin/")
        return page

    return open_for


def mailed(running: Running, name: str) -> bool:
    return any(f"To: {name}@localhost" in path.read_text() for path in (running.folder / "mail").glob("*"))


def test_the_chain_step_by_step(
    person: Callable[..., Person],
    staff: Callable[..., Page],
    running: Running,
    shot: Callable[[Page, str], None],
) -> None:
    first, second = staff("demo-counsellor"), staff("demo-counsellor-2")
    pia = person("pia")
    pia.open_chat()
    pia.say(DANGER)
    expect(pia.page.locator("[data-card]")).to_be_visible(timeout=30_000)
    for page in (first, second):
        expect(page.locator(".desk-live")).to_contain_text("▲", timeout=30_000)
    for seconds, name in ((20, "demo-counsellor"), (STEP + 20, "demo-counsellor-2"), (STEP + 20, "demo-supervisor")):
        wait_until(lambda name=name: mailed(running, name), seconds, f"{name} is mailed")
    ((alert_id,),) = running.query("SELECT id FROM safety_alert WHERE resolved_at IS NULL ORDER BY created_at LIMIT 1")
    for page in (first, second):
        page.goto(f"/admin/on-call/alerts/{alert_id}/")
    first.locator("form[action$='/take/'] button").click()
    second.locator("form[action$='/take/'] button").click()
    expect(second.locator("body")).to_contain_text("Somebody has already taken this alert")
    expect(first.locator(".desk h2").first).to_contain_text("taken by demo-counsellor")
    told = "SELECT u.username, s.target, s.outcome FROM oncall_alertstep s JOIN accounts_user u ON u.id = s.user_id"
    rows = running.query(f"{told} WHERE s.what = 'notify' AND s.alert_id = %s ORDER BY s.at", alert_id)
    assert rows == [
        ("demo-counsellor", "first", "sent"),
        ("demo-counsellor-2", "second", "sent"),
        ("demo-supervisor", "supervisor", "sent"),
    ]
    assert running.query("SELECT count(*) FROM oncall_alertstep WHERE what = 'acknowledged'") == [(1,)]
    shot(first, "on-call-alert")


def test_offline_now(staff: Callable[..., Page], shot: Callable[[Page, str], None]) -> None:
    page = staff("demo-counsellor")
    page.goto("/admin/on-call/")
    expect(page.locator(".desk h2").first).to_contain_text("You are on call")
    shot(page, "on-call-home")
    page.get_by_role("button", name="Go offline now").click()
    expect(page.locator(".desk h2").first).to_contain_text("You are off the rota")
    page.get_by_role("button", name="Come back").click()
    expect(page.locator(".desk h2").first).to_contain_text("You are on call")


def drill(page: Page, state: str) -> None:
    """Press the button; the card looks again by itself until it has ended."""
    page.goto("/admin/")
    page.get_by_role("button", name="Run a drill now").click()
    card = page.locator("[data-drill]")
    # One that passes may be over, after two seconds, before a slow page is drawn.
    expect(card).to_have_attribute("data-drill", re.compile("^(running|passed)$") if state == "passed" else "running")
    expect(card).to_have_attribute("data-drill", state, timeout=100_000)


def test_a_broken_webhook_turns_the_first_page_red(
    staff: Callable[..., Page], receiver: Receiver, shot: Callable[[Page, str], None]
) -> None:
    page = staff("demo-supervisor")
    receiver.status = 500
    drill(page, "failed")
    card = page.locator("[data-drill]")
    expect(card).to_contain_text("webhook generic 127.0.0.1")
    expect(card).to_contain_text("http_500")
    shot(page, "drill-red")
    receiver.status = 200
    drill(page, "passed")
    shot(page, "drill-green")


def test_the_pages_fit_a_phone_in_both_languages(
    staff: Callable[..., Page], person: Callable[..., Person], running: Running, shot: Callable[[Page, str], None]
) -> None:
    pip = person("pip")
    for _number in range(3):
        pip.open_chat()
        pip.say(DANGER)
        expect(pip.page.locator("[data-card]")).to_be_visible(timeout=30_000)
        expect(pip.messages("user")).to_have_count(1)
    ((waiting,),) = running.query(
        "SELECT count(*) FROM safety_alert WHERE acknowledged_at IS NULL AND resolved_at IS NULL"
    )
    for language, scheme, home in (("zh-hans", "dark", "值班"), ("en", "light", "On call")):
        page = staff("demo-supervisor", color_scheme=scheme, viewport={"width": 390, "height": 844})
        running.change("UPDATE accounts_profile SET language = %s", language)
        page.goto("/admin/on-call/")
        expect(page.locator("body")).to_contain_text(home)
        assert page.evaluate("document.documentElement.scrollWidth") <= 391
        line = page.locator(".desk-live__line")
        expect(line).to_contain_text(str(waiting))
        height = page.locator(".desk-live").evaluate("element => element.offsetHeight")
        assert height < 60, "all of them stand in one line"
        shot(page, f"on-call-phone-{language}")
        line.click()
        expect(page.locator(".desk-live__row")).to_have_count(int(str(waiting)))
        expect(page.locator(".desk-live__row button").first).to_be_visible()
