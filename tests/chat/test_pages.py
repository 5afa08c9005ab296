"""The pages of chat without scripts: whose they are, sending by a plain form, and what a refused text leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from therapy.chat import tasks
from therapy.chat.models import ChatSession
from therapy.chat.services import Posted

Post = Callable[..., Posted]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def browser(client: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: None)
    client.force_login(alice, backend=BACKEND)
    return client


def test_a_plain_form_writes_a_message_once(browser: Client, session: ChatSession) -> None:
    place = f"/chat/{session.pk}/"
    form = {"client_id": str(uuid4()), "text": "hello\r\nthere"}
    for _attempt in range(2):
        assert browser.post(f"{place}send/", form).headers["Location"] == place
    assert session.messages.filter(role="user").count() == 1
    html = browser.get(place).content.decode()
    assert "hello\nthere" in html
    # The reply is owed: without scripts there is a way to look for it.
    assert f'<noscript><p class="chat-status">Attune is writing… <a href="{place}">' in html


def test_what_was_refused_goes_back_to_the_field(browser: Client, session: ChatSession, settings: Any) -> None:
    settings.CHAT_MESSAGES_PER_MINUTE = 0
    text = "I went for a walk & fed the <b>ducks</b>"
    answer = browser.post(f"/chat/{session.pk}/send/", {"client_id": str(uuid4()), "text": text})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f">{escape(text)}</textarea>" in html
    assert "writing very fast" in html
    assert session.messages.filter(role="user").count() == 0


def test_danger_in_a_refused_text_shows_help(browser: Client, session: ChatSession) -> None:
    text = "I am going to kill myself tonight. " * 200
    answer = browser.post(f"/chat/{session.pk}/send/", {"client_id": str(uuid4()), "text": text})
    assert answer.status_code == 422
    assert 'class="card-line"' in answer.content.decode()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><b>"])
def test_words_are_never_markup(browser: Client, session: ChatSession, post: Post, text: str) -> None:
    post(text)
    for place in ("/chat/", f"/chat/{session.pk}/"):
        html = browser.get(place).content.decode()
        assert text not in html
        assert escape(text)[:40] in html


@pytest.mark.parametrize("role", ["client", "counsellor", "supervisor", "operator"])
def test_nobody_else_finds_a_conversation(
    client: Client, session: ChatSession, make_person: Callable[..., User], role: str
) -> None:
    client.force_login(make_person("someone", role=role), backend=BACKEND)
    place = f"/chat/{session.pk}/"
    assert client.get(place).status_code == 404
    assert client.post(f"{place}send/", {"text": "hello"}).status_code == 404
    assert str(session.pk) not in client.get("/chat/").content.decode()


def test_strangers_are_sent_to_the_door(client: Client, session: ChatSession) -> None:
    for place in ("/chat/", f"/chat/{session.pk}/"):
        assert client.get(place).headers["Location"].startswith("/accounts/login/")
    for place in ("/chat/new/", f"/chat/{session.pk}/send/"):
        assert client.post(place).headers["Location"].startswith("/accounts/login/")
    assert session.messages.count() == 1


def test_reading_a_page_changes_nothing(browser: Client, alice: User, session: ChatSession) -> None:
    for place in ("/chat/new/", f"/chat/{session.pk}/send/"):
        assert browser.get(place).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend=BACKEND)
    for place in ("/chat/new/", f"/chat/{session.pk}/send/"):
        assert strict.post(place, {"text": "hello"}).status_code == 403
    assert ChatSession.objects.count() == 1
    assert session.messages.count() == 1
