"""Pages as people use them: on a phone, by keyboard, in a hurry to leave."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.people import PASSWORD, Person
from tests.e2e.running import Running

pytestmark = pytest.mark.e2e
PAGES = [
    "/",
    "/privacy/",
    "/help/",
    "/help/protocol/",
    "/chat/",
    "/plan/",
    "/me/profile/",
    "/me/privacy/",
    "/me/erase/",
]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """() => [...document.querySelectorAll('a.btn, button, summary, select')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && (box.height < 43.5 || box.width < 43.5);
}).map(e => e.outerHTML.slice(0, 120))"""


def neutral(context: BrowserContext) -> None:
    """Answer for the site that a quick exit leads to; nothing leaves this machine."""
    for site in ("**/*wikipedia.org/**", "**/*baidu.com/**"):
        context.route(site, lambda route: route.fulfill(body="<title>elsewhere</title>", content_type="text/html"))


def wait_elsewhere(page: Page) -> None:
    page.wait_for_function("() => document.title === 'elsewhere'")


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_every_page_fits_a_phone(person: Callable[..., Person], shot, locale: str, scheme: str) -> None:
    somebody = person(
        f"phone-{scheme}", locale=locale, color_scheme=scheme, viewport={"width": 360, "height": 740}, has_touch=True
    )
    page = somebody.page
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for place in PAGES:
        page.goto(place)
        assert page.evaluate(TOO_WIDE) <= 0, place
        assert page.evaluate(TOO_SMALL) == [], place
        shot(page, f"phone-{locale}-{place.strip('/').replace('/', '-') or 'home'}")
    assert complaints == []


def test_leaving_quickly_is_for_good(person: Callable[..., Person]) -> None:
    somebody = person("leaver")
    page = somebody.page
    neutral(page.context)
    page.goto("/plan/")
    page.goto("/me/privacy/")
    page.locator("[data-quick-exit]").click()
    wait_elsewhere(page)
    page.go_back(wait_until="commit")
    wait_elsewhere(page)
    assert "127.0.0.1" not in page.url


def test_escape_three_times_leaves(new_context: Callable[..., BrowserContext]) -> None:
    context = new_context(locale="zh-CN")
    neutral(context)
    page = context.new_page()
    page.goto("/")
    for _ in range(3):
        page.keyboard.press("Escape")
    wait_elsewhere(page)
    assert "baidu" in page.url


def test_signing_up_by_keyboard_alone(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(locale="zh-CN").new_page()
    page.goto("/accounts/signup/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    keys = page.keyboard
    keys.press("Tab")
    keys.type("keyboard-only")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Tab")  # the button that shows the password
    keys.press("Space")
    expect(page.locator("#id_password1")).to_have_attribute("type", "text")
    keys.press("Tab")  # e-mail: left empty
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    page.wait_for_url("**/me/consent/**")
    expect(page.locator("h1")).to_have_text("开始之前")


def test_a_refused_form_puts_the_focus_where_it_is_needed(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    page.goto("/accounts/signup/")
    page.locator("[name=username]").fill("almost-there")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    page.locator("main form button").last.click()
    expect(page.locator("[name=adult]")).to_be_focused()
    expect(page.locator("#id_adult_error")).to_contain_text("Get help now")


def test_the_menu_closes_with_escape(person: Callable[..., Person]) -> None:
    page = person("menu-user").page
    page.goto("/me/profile/")
    page.locator(".menu summary").click()
    expect(page.locator(".menu__panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".menu__panel")).to_be_hidden()
    expect(page.locator(".menu summary")).to_be_focused()


def test_the_desk_works_under_its_policy(new_context: Callable[..., BrowserContext], running: Running) -> None:
    page = new_context().new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for role, places in (
        ("counsellor", ("/admin/", "/admin/safety/riskflag/", "/admin/safety/riskflag/hotlines/")),
        ("operator", ("/admin/accounts/user/", "/admin/accounts/user/add/")),
    ):
        page.context.clear_cookies()
        Person(page, role).sign_in(*running.login_of(role))
        for place in places:
            page.goto(place)
            expect(page.locator("#main, main, body").first).to_be_visible()
            page.wait_for_timeout(300)
    assert complaints == []


def test_a_screen_reader_hears_each_message_once_and_whole(person: Callable[..., Person]) -> None:
    nia = person("nia")
    nia.open_chat()
    nia.page.evaluate("""() => {
      window.heard = [];
      const spoken = (node) => !(node.parentElement ?? node).closest("[aria-hidden=true]");
      new MutationObserver((changes) => {
        for (const change of changes) for (const node of change.addedNodes) if (spoken(change.target) && spoken(node)) {
          if (!(node instanceof Element && node.matches("[aria-hidden=true]"))) window.heard.push(node.textContent);
        }
      }).observe(document.querySelector("[data-log]"), { childList: true, subtree: true, characterData: true });
    }""")
    nia.say("I keep worrying about my exam")
    nia.page.wait_for_selector(".is-draft[aria-hidden=true]")
    reply = nia.await_reply()
    heard = nia.page.evaluate("window.heard")
    assert len(heard) == 2, heard
    assert heard[0].endswith("I keep worrying about my exam")
    assert heard[1].endswith(reply)


def test_stopping_by_keyboard_keeps_the_focus(person: Callable[..., Person]) -> None:
    ori = person("ori")
    ori.open_chat()
    ori.say("I keep worrying about my exam")
    ori.page.wait_for_selector(".is-draft")
    ori.page.locator("[data-stop]").focus()
    ori.page.keyboard.press("Enter")
    expect(ori.page.locator("[data-stop]")).to_be_hidden()
    expect(ori.page.locator("#chat-text")).to_be_focused()
