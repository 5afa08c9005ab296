"""Help pages: no login, no JavaScript, and nothing of the request touches the database (no test here may)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client

from therapy.safety import hotlines

PAGES = ["/help/", "/help/protocol/"]


class Links(HTMLParser):
    """Collects links and scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs.append(dict(attrs).get("href") or "")


@pytest.fixture
def visitor() -> Client:
    """Eve, with a session cookie that a database would have to be asked about."""
    client = Client(raise_request_exception=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    return client


def links(body: str) -> list[str]:
    parser = Links()
    parser.feed(body)
    return parser.hrefs


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-Hans-CN,zh;q=0.9"])
def test_page_needs_neither_login_nor_database(visitor: Client, page: str, language: str) -> None:
    response = visitor.get(page, headers={"Accept-Language": language})
    assert response.status_code == 200
    assert settings.SESSION_COOKIE_NAME not in response.cookies


def test_the_blocked_database_would_be_noticed(visitor: Client) -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        visitor.get("/me/privacy/")


def test_country_is_chosen_without_javascript(visitor: Client) -> None:
    body = visitor.get("/help/", {"country": "GB"}, headers={"Accept-Language": "en-US"}).content.decode()
    assert "tel:116123" in links(body)
    assert "sms:85258" in links(body)
    assert "tel:999" in links(body)
    assert "tel:988" not in links(body)
    assert '<form class="help__country" method="get">' in body


def test_browser_locale_chooses_first(visitor: Client) -> None:
    hrefs = links(visitor.get("/help/", headers={"Accept-Language": "en-US,en"}).content.decode())
    assert {"tel:988", "sms:988", "sms:741741?body=HOME", "tel:911"} <= set(hrefs)
    assert "tel:12356" in links(visitor.get("/help/", headers={"Accept-Language": "zh-CN"}).content.decode())


@pytest.mark.parametrize("country", ["", "ZZ", "<script>", "12", "GBR"])
def test_unknown_country_gets_guidance_and_no_number(visitor: Client, country: str) -> None:
    body = visitor.get("/help/", {"country": country}, headers={"Accept-Language": "en"}).content.decode()
    assert "112 or 911" in body
    assert not [href for href in links(body) if href.startswith(("tel:", "sms:"))]
    assert "https://findahelpline.com/" in links(body)
    assert "<script>" not in re.sub(r"<script [^>]*src=", "", body)


def test_every_number_on_the_page_is_of_the_table(visitor: Client) -> None:
    hrefs = {line.href for line in hotlines.all_lines()}
    for country in hotlines.countries():
        body = visitor.get("/help/", {"country": country}).content.decode()
        dialled = {href for href in links(body) if href.startswith(("tel:", "sms:"))}
        assert dialled
        assert dialled <= hrefs


def test_language_link_keeps_country_and_sets_a_cookie(visitor: Client) -> None:
    response = visitor.get("/help/", {"language": "zh-hans", "country": "GB"})
    assert (response.status_code, response.headers["Location"]) == (302, "/help/?country=GB")
    body = visitor.get("/help/", {"country": "GB"}).content.decode()
    assert "立即求助" in body
    assert visitor.get("/help/", {"language": "xx"}).cookies.get(settings.LANGUAGE_COOKIE_NAME) is None


def test_protocol_says_what_happens_and_names_eating_disorders(visitor: Client) -> None:
    body = visitor.get("/help/protocol/", headers={"Accept-Language": "en"}).content.decode()
    for word in ("Eating disorders", "imminent", "not a human being", "My privacy"):
        assert word in body
    zh = visitor.get("/help/protocol/", headers={"Accept-Language": "zh-CN"}).content.decode()
    for word in ("进食障碍", "不是真人", "我的隐私"):
        assert word in zh
    assert not re.search(r"therapist|therapy|treatment|diagnos|治疗|诊断", body + zh, re.I)
