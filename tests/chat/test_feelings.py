"""The picture of one's feelings in the chat page: whose it is, what it shows, and both ways to switch it off."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Consent, User
from accounts.services import decide_consent
from therapy.chat import services as chat
from therapy.chat import tasks
from therapy.chat.models import ChatSession
from therapy.observations import services as observations
from therapy.observations.models import Observation

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PART = {"X-Feelings": "part"}
READINGS = (("sadness", -0.7, -0.4), ("fear", -0.6, 0.7), ("hope", 0.6, 0.2))


@pytest.fixture
def browser(client: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: None)
    client.force_login(alice, backend=BACKEND)
    return client


@pytest.fixture
def felt(alice: User, session: ChatSession, post: Any) -> ChatSession:
    for place, (label, valence, arousal) in enumerate(READINGS):
        posted = post(f"message {place}")
        payload = {"label": label, "valence": valence, "arousal": arousal, "scores": {}, "feelings": {}}
        observations.record(
            person_id=alice.pk, kind="emotion", payload=payload, source="chat", message_id=posted.message.id
        )
    return session


def place_of(session: ChatSession) -> str:
    return f"/chat/{session.pk}/feelings/"


def test_the_chat_page_offers_the_picture_folded(browser: Client, felt: ChatSession) -> None:
    html = browser.get(f"/chat/{felt.pk}/").content.decode()
    assert f'data-url="{place_of(felt)}"' in html
    assert re.search(r"<details class=\"feelings-fold\"(?![^>]*open)", html)
    # Nothing that was read stands in the page before it is asked for.
    assert "sadness" not in html


def test_the_picture_in_words_and_as_a_table(browser: Client, felt: ChatSession) -> None:
    html = browser.get(place_of(felt), headers=PART).content.decode()
    assert html.count('class="feelings-dot') == len(READINGS)
    assert "1: sadness, unpleasant, quiet. 2: fear, unpleasant, stirred. 3: hope, pleasant, in between." in html
    assert html.count('<th scope="row">') == len(READINGS)
    assert "<html" not in html
    assert "style=" not in html


def test_risk_is_never_in_it(browser: Client, alice: User, session: ChatSession, post: Any) -> None:
    posted = post("I am going to kill myself tonight")
    payload = {"label": "sadness", "valence": -0.7, "arousal": -0.4}
    message_id = posted.message.id
    observations.record(person_id=alice.pk, kind="emotion", payload=payload, source="chat", message_id=message_id)
    html = browser.get(place_of(session), headers=PART).content.decode().lower()
    assert not re.search(r"risk|danger|imminent|suicid|kill", html)


def test_without_scripts_there_is_a_page(browser: Client, felt: ChatSession) -> None:
    html = browser.get(place_of(felt)).content.decode()
    assert "<html" in html
    assert "feelings-picture" in html
    assert f'action="{place_of(felt)}switch/"' in html


def test_it_speaks_chinese(browser: Client, alice: User, felt: ChatSession) -> None:
    browser.post("/i18n/setlang/", {"language": "zh-hans"})
    html = browser.get(place_of(felt), headers=PART).content.decode()
    assert "难过" in html
    assert "sadness" not in html


def test_it_belongs_to_one_person(browser: Client, bob: User, felt: ChatSession) -> None:
    browser.force_login(bob, backend=BACKEND)
    assert browser.get(place_of(felt)).status_code == 404
    assert browser.post(f"{place_of(felt)}switch/", {"choice": "hide"}).status_code == 404


def test_another_conversation_has_its_own(browser: Client, alice: User, felt: ChatSession) -> None:
    other = chat.open_session(person_id=alice.pk)
    html = browser.get(place_of(other), headers=PART).content.decode()
    assert "Nothing to show yet" in html


def nothing_is_shown(browser: Client, session: ChatSession) -> None:
    html = browser.get(f"/chat/{session.pk}/").content.decode()
    assert "data-feelings-fold" not in html
    assert "data-feelings" not in html
    assert browser.get(place_of(session)).status_code == 404


def test_without_a_yes_there_is_nothing(browser: Client, alice: User, felt: ChatSession) -> None:
    decide_consent(person_id=alice.pk, purpose=Consent.Purpose.EMOTION_READING, granted=False)
    nothing_is_shown(browser, felt)


def test_an_installation_without_it(browser: Client, felt: ChatSession, settings: Any) -> None:
    settings.EMOTION_READING = False
    nothing_is_shown(browser, felt)
    privacy = browser.get("/me/privacy/").content.decode()
    assert re.search(r'<input[^>]*name="emotion_reading"[^>]*disabled', privacy)


def test_the_choice_outlives_a_time_without_it(browser: Client, alice: User, settings: Any) -> None:
    settings.EMOTION_READING = False
    answers = {"service": "on", "health_data": "on", "emotion_reading": "on"}
    assert browser.post("/me/privacy/", answers).status_code == 302
    assert alice.consents.filter(purpose="emotion_reading").count() == 1


def test_stopping_withdraws_the_consent(browser: Client, alice: User, felt: ChatSession) -> None:
    html = browser.post(f"{place_of(felt)}switch/", {"choice": "stop"}, headers=PART).content.decode()
    assert "Feelings are no longer read from your words" in html
    assert "feelings-fold" not in html
    assert alice.consents.latest("decided_at").granted is False
    assert Observation.objects.filter(person=alice, kind="emotion").count() == len(READINGS)
    nothing_is_shown(browser, felt)


def test_stopping_can_delete_too(browser: Client, alice: User, felt: ChatSession) -> None:
    answer = browser.post(f"{place_of(felt)}switch/", {"choice": "stop", "forget": "on"})
    assert answer.headers["Location"] == f"/chat/{felt.pk}/"
    assert not Observation.objects.filter(person=alice, kind="emotion").exists()


def test_putting_away_keeps_the_consent(browser: Client, alice: User, felt: ChatSession) -> None:
    html = browser.post(f"{place_of(felt)}switch/", {"choice": "hide"}, headers=PART).content.decode()
    assert 'value="show"' in html
    assert "feelings-fold" not in html
    assert alice.consents.filter(granted=False).count() == 0
    browser.post(f"{place_of(felt)}switch/", {"choice": "show"})
    assert "feelings-fold" in browser.get(f"/chat/{felt.pk}/").content.decode()


def test_an_unknown_choice_changes_nothing(browser: Client, alice: User, felt: ChatSession) -> None:
    assert browser.post(f"{place_of(felt)}switch/", {"choice": "everything"}).status_code == 404
    assert alice.consents.filter(granted=False).count() == 0
