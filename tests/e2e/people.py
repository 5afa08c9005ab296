"""A person in a browser: the steps that every journey shares, by what they can see."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

PASSWORD = "quiet-river-candle-42"


class Person:
    """Drives one page as somebody would: labels, buttons and words, no inner knowledge."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name

    def sign_up(self) -> None:
        """Pseudonym, age, consents, the three questions (skipped), and into the chat."""
        page = self.page
        page.goto("/accounts/signup/")
        page.locator("[name=username]").fill(self.name)
        page.locator("[name=password1]").fill(PASSWORD)
        if page.locator("[name=password2]").count():
            page.locator("[name=password2]").fill(PASSWORD)
        page.locator("[name=adult]").check()
        page.locator("main form button").last.click()
        page.wait_for_url("**/me/consent/**")
        for name in ("adult", "understood", "service", "health_data", "emotion_reading"):
            switch = page.locator(f"[name={name}]")
            if switch.count():
                switch.check()
        page.locator("main form").first.locator("button").last.click()
        self.onboard()

    def onboard(self, **answers: str) -> None:
        """Answer what is given, skip the rest."""
        page = self.page
        page.wait_for_url("**/me/onboarding/**")
        for _step in range(3):
            if "/onboarding/" not in page.url:
                return
            filled = False
            for name, text in answers.items():
                field = page.locator(f"main [name={name}]")
                if field.count():
                    if field.evaluate("e => e.tagName") == "SELECT":
                        field.select_option(text)
                    else:
                        field.fill(text)
                    filled = True
            before = page.url
            page.locator("main form button").nth(0 if filled else 1).click()
            page.wait_for_function("before => location.href !== before", arg=before)

    def sign_in(self, username: str, password: str) -> None:
        """Log in with a name and password."""
        self.page.goto("/accounts/login/")
        self.page.locator("[name=login]").fill(username)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("main form button").last.click()
        self.page.wait_for_url(re.compile(r"^(?!.*accounts/login).*$"))

    def open_chat(self) -> str:
        """Begin a conversation; returns its id."""
        self.page.goto("/chat/")
        self.page.locator("main form[action$='/chat/new/'] button").first.click()
        self.page.wait_for_selector("[data-chat][data-state=joined]")
        return str(self.page.locator("[data-chat]").get_attribute("data-chat"))

    def say(self, text: str) -> None:
        """Type and send."""
        self.page.locator("#chat-text").fill(text)
        self.page.locator("[data-composer] button[type=submit]").click()

    def messages(self, role: str = "") -> Locator:
        """The messages on the page, of one role if given; not the one being written."""
        kind = f".message-{role}" if role else ".message"
        return self.page.locator(f"[data-log] {kind}[data-seq]")

    def await_reply(self, count: int = 1, seconds: float = 20) -> str:
        """Wait for the n-th finished reply and return its words."""
        expect(self.messages("assistant")).to_have_count(count, timeout=seconds * 1000)
        return str(self.messages("assistant").last.locator(".message-text").inner_text())

    def numbers(self) -> list[int]:
        """Sequence numbers in the order shown."""
        return [int(item.get_attribute("data-seq") or 0) for item in self.messages().all()]
