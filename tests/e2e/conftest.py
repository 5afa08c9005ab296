"""A real browser against the real programs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.people import Person
from tests.e2e.running import Running

SCREENSHOTS = os.environ.get("ATTUNE_SCREENSHOTS", "")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything that `make run` starts, with a second inference worker."""
    folder = tmp_path_factory.mktemp("running")
    (folder / "mail").mkdir()
    stack = Running(folder, EMAIL_URL=f"filemail:///{folder / 'mail'}", COMPANION_PACE_SECONDS="0.06")
    try:
        stack.prepare()
        stack.start("web", "beat", "delivery", "inference", "inference-2", "alerts", "default")
        yield stack
    finally:
        stack.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: CHROMIUM_PATH, one of the system, or Playwright's own."""
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("chromium-browser")
    # As patient as a person on a slow line; where a promise of ours is shorter, the test names it.
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path or None,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser, running: Running) -> Iterator[Callable[..., BrowserContext]]:
    """Browser profiles, closed after the test."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(base_url=running.address, **{"locale": "en-US", **options})  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def person(new_context: Callable[..., BrowserContext]) -> Callable[..., Person]:
    """A new person who has signed up, consented and reached the chat."""

    def make(name: str, **options: object) -> Person:
        page = new_context(**options).new_page()
        somebody = Person(page, name)
        somebody.sign_up()
        return somebody

    return make


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Save a screenshot where ATTUNE_SCREENSHOTS names a folder."""

    def save(page: Page, name: str) -> None:
        if SCREENSHOTS:
            page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")

    return save
