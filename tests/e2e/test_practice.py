"""A practice in a real browser: a heart rate belt, closing in the middle, going on, before and after; a small test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import serious_issues
from tests.e2e.people import Person
from tests.e2e.running import Running

pytestmark = pytest.mark.e2e
LONG = 30_000
# A belt that answers as the browser's own interface does; `beat(rate)` is one notification with one R-R interval.
BELT = """(() => {
  const heard = [];
  const measurement = { addEventListener: (_, hear) => heard.push(hear), startNotifications: async () => {} };
  const service = { getCharacteristic: async () => measurement };
  const device = { addEventListener() {}, gatt: { connect: async () => ({ getPrimaryService: async () => service }) } };
  Object.defineProperty(navigator, "bluetooth", { value: { requestDevice: async () => device }, configurable: true });
  window.beat = (rate) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint8(0, 16);
    view.setUint8(1, rate);
    view.setUint16(2, Math.round((60 / rate) * 1024), true);
    heard.forEach((hear) => hear({ target: { value: view } }));
  };
})()"""
ALLOW = """async () => {
  const body = new FormData();
  body.append("kind", "heart");
  body.append("granted", "yes");
  body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const answer = await fetch("/signals/switches/", { method: "POST", body, headers: { Accept: "application/json" } });
  return answer.ok;
}"""


def slide(page: Page, **values: int) -> None:
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(str(value))


def practise(page: Page, seconds: int) -> None:
    """Let the page's own clock run, with a heartbeat every three seconds."""
    for _ in range(seconds // 3):
        page.clock.run_for(3000)
        page.evaluate("beat(84)")


def test_a_practice_is_closed_in_the_middle_and_gone_on_with(
    person: Callable[..., Person], running: Running, shot: Callable[[Page, str], None]
) -> None:
    somebody = person("practises", reduced_motion="reduce")
    page = somebody.page
    page.goto("/practice/")
    assert serious_issues(page) == []
    assert page.evaluate(ALLOW)
    page.goto("/practice/prac-breath-46/")
    assert serious_issues(page) == []
    slide(page, calm=3, focused=4, mood=5)
    page.add_init_script(BELT)
    page.clock.install()
    page.locator("form[data-ratings] button").first.click()
    page.wait_for_url("**/practice/run/**")
    player = page.locator("[data-player]")
    expect(player).to_have_attribute("data-state", "ready")
    assert serious_issues(page) == []
    page.locator(".player__options summary").click()
    page.locator("[data-heart]").click()
    expect(page.locator("[data-said]")).to_contain_text("kept encrypted")
    page.locator("[data-toggle]").click()
    practise(page, 30)
    expect(page.locator("[data-heart-now]")).to_have_text("Pulse 84")
    expect(page.locator("[data-heart-chart] path")).to_have_attribute("d", re.compile(r"^M.*L"))
    practise(page, 90)
    expect(page.locator("[data-left]")).to_contain_text(re.compile(r"^(1:0|0:5|0:4[89])"))
    shot(page, "practice-running")
    place = page.url
    page.close()

    again = somebody.page.context.new_page()
    again.add_init_script(BELT)
    again.clock.install()
    again.goto("/practice/")
    again.get_by_role("link", name="Go on").click()
    expect(again).to_have_url(place)
    expect(again.locator("[data-said]")).to_contain_text("You stopped here last time")
    expect(again.locator("[data-left]")).to_contain_text(re.compile(r"^(1:0|0:5|0:4[89])"))
    again.locator(".player__options summary").click()
    again.locator("[data-heart]").click()
    expect(again.locator("[data-said]")).to_contain_text("kept encrypted")
    again.locator("[data-toggle]").click()
    practise(again, 30)
    # The pulse has not come down: a little longer, and it is said.
    expect(again.locator("[data-said]")).to_contain_text("your pulse is still high")
    for _ in range(3):
        again.locator("[data-next]").click()
        if player_state(again) == "after":
            break
    expect(again.locator("[data-player]")).to_have_attribute("data-state", "after")
    slide(again, calm=7, focused=6, mood=5)
    again.locator("[data-finish] button").first.click()
    again.wait_for_url("**/result/", timeout=LONG)
    expect(again.locator(".practice-change__calm circle")).to_have_count(2)
    expect(again.locator(".practice-change")).to_contain_text("3 → 7")
    assert serious_issues(again) == []
    shot(again, "practice-result")
    kept = running.query(
        "SELECT count(*) FROM observations_observation o JOIN accounts_user u ON u.id = o.person_id "
        "WHERE u.username = 'practises' AND o.kind = 'practice'"
    )
    assert kept[0][0] == 1


def player_state(page: Page) -> str:
    return str(page.locator("[data-player]").get_attribute("data-state"))


def test_a_small_test_is_done(person: Callable[..., Person], shot: Callable[[Page, str], None]) -> None:
    somebody = person("tested", viewport={"width": 390, "height": 844})
    page = somebody.page
    page.goto("/practice/tests/span/")
    assert serious_issues(page) == []
    form = json.loads(page.locator("#test-data").text_content() or "")["form"]
    page.locator("[data-begin]").click()
    box = page.locator("[data-trials]")

    def answer(row: str) -> None:
        expect(page.locator(".trials__keys--digits button")).to_have_count(12, timeout=LONG)
        for digit in row:
            page.keyboard.press(digit)
        page.keyboard.press("Enter")
        expect(page.locator(".trials__keys button")).not_to_have_count(12)

    answer(form["warm_up"][0]["show"])
    page.get_by_role("button", name="Go on").click(timeout=LONG)
    for place, trial in enumerate(form["trials"][:4]):
        answer(trial["show"] if place < 2 else "0")
    expect(box).to_have_attribute("data-state", "done", timeout=LONG)
    expect(page.locator("[data-values]")).to_contain_text(re.compile(r"Longest row\s*3"))
    shot(page, "practice-test-done")
    page.get_by_role("link", name="Beside earlier results").click()
    expect(page.locator(".trials__values")).to_have_count(1)
    for url in ("/practice/tests/", "/practice/history/", "/today/", "/journal/", "/assessments/", "/signals/"):
        answered = page.goto(url)
        if answered is not None and answered.ok:
            assert serious_issues(page) == [], url
