"""What every page owes: headers, no inline script or style, labels, the way to help, both languages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import OperationalError
from django.template.loader import render_to_string
from django.urls import reverse

pytestmark = pytest.mark.django_db
PUBLIC = ["core:home", "core:privacy", "account_login", "account_signup", "account_reset_password", "safety:help"]
PRIVATE = [
    "accounts:consent",
    "accounts:onboarding",
    "accounts:profile",
    "accounts:privacy",
    "accounts:erase",
    "account_change_password",
    "account_email",
    "mfa_index",
]
TEMPLATES = Path(settings.BASE_DIR) / "templates"


@pytest.fixture
def page(client, alice, settings):
    settings.ACCOUNT_RATE_LIMITS = False

    def get(name: str) -> str:
        if name in PRIVATE:
            client.post(reverse("account_login"), {"login": "alice", "password": "correct horse battery"})
        response = client.get(reverse(name))
        assert response.status_code == 200
        return response.content.decode()

    return get


@pytest.mark.parametrize("name", PUBLIC + PRIVATE)
def test_nothing_inline(page, name):
    html = page(name)
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html) == []
    assert "<style" not in html
    assert re.findall(r'\s(style|on\w+)="', html) == []


@pytest.mark.parametrize("name", PUBLIC + PRIVATE)
def test_help_the_quick_exit_and_the_skip_link_are_there(page, name):
    html = page(name)
    assert f'href="{reverse("safety:help")}"' in html
    assert "data-quick-exit" in html
    assert 'href="#main"' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("name", PUBLIC + PRIVATE)
def test_every_field_has_a_label(page, name):
    html = page(name)
    body = html[html.index("<main") : html.index("</main")]
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", body)
    for field in fields:
        if 'type="hidden"' in field:
            continue
        (name_of_field,) = re.findall(r'\bid="([^"]+)"', field)
        assert f'for="{name_of_field}"' in body


@pytest.mark.parametrize("name", PUBLIC + PRIVATE)
def test_ids_are_unique_and_descriptions_exist(page, name):
    html = page(name)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= set(ids)


def test_errors_are_tied_to_their_fields(client):
    html = client.post(reverse("account_signup"), {"username": "x"}).content.decode()
    field = re.search(r'<input[^>]*id="id_username"[^>]*>', html).group()
    assert 'aria-invalid="true"' in field
    described = re.search(r'aria-describedby="([^"]+)"', field).group(1).split()
    assert "id_username_error" in described
    assert 'id="id_username_error"' in html


def test_headers(client, alice):
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" not in response.get("Cache-Control", "")
    client.force_login(alice)
    for name in ("core:home", "accounts:profile", "accounts:privacy"):
        assert client.get(reverse(name))["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/admin/", "/admin/safety/riskflag/", "/admin/nowhere/"])
def test_the_desk_has_a_policy_too(client, carol, address):
    client.force_login(carol)
    policy = client.get(address)["Content-Security-Policy"]
    for part in ("default-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'self'"):
        assert part in policy
    assert "//" not in policy


def test_metrics_are_for_this_machine_only(client):
    assert client.get("/metrics/").status_code == 200
    assert client.get("/metrics/", REMOTE_ADDR="203.0.113.5").status_code == 404
    # Behind a proxy the address may be what the asker wrote into a header.
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        assert client.get("/metrics/", headers={header: "127.0.0.1"}).status_code == 404


def test_pages_of_nobody(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()
    assert reverse("safety:help") in response.content.decode()


def test_the_fault_page_needs_no_request():
    html = render_to_string("500.html")
    assert reverse("safety:help") in html
    assert "<form" not in html


def test_htmx_keeps_no_page_in_the_browser(client):
    html = client.get("/").content.decode()
    assert '"historyCacheSize":0' in html
    assert '"allowEval":false' in html


def test_the_vendored_library_has_its_licence():
    assert finders.find("core/vendor/htmx-2.0.11.min.js")
    licence = Path(finders.find("core/vendor/htmx-LICENSE.txt")).read_text()
    assert "2.0.11" in licence
    assert "Zero-Clause BSD" in licence


def test_templates_have_no_inline_script_or_style():
    found = list(TEMPLATES.rglob("*.html"))
    assert len(found) > 20
    for template in found:
        if "admin" in template.parts or template.parts[-2] == "review":
            continue
        text = template.read_text()
        assert not re.search(r'\sstyle="', text), template
        assert "<style" not in text, template


def test_every_named_icon_and_static_file_exists():
    icons = Path(finders.find("core/icons.svg")).read_text()
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        for name in re.findall(r"\{% static '([^'{]+)'", text):
            assert finders.find(name), f"{template}: {name}"
        for name in re.findall(r"\{\{ icons \}\}#([\w-]+)|icons\.svg' %\}#([\w-]+)", text):
            assert f'id="{name[0] or name[1]}"' in icons, f"{template}: {name}"


def test_with_the_database_away_the_page_says_so_and_shows_the_way_to_help(client, alice, monkeypatch):
    def refuse(*args: object) -> None:
        raise OperationalError("the database is away")

    client.force_login(alice)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", refuse)
    client.raise_request_exception = False
    response = client.get(reverse("accounts:privacy"))
    assert response.status_code == 500
    assert "It is not your fault." in response.content.decode()
    assert reverse("safety:help") in response.content.decode()
    assert client.get(reverse("safety:help")).status_code == 200
