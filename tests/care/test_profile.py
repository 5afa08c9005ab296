"""Words of the profile are read for danger like a message: kept, brought into the conversation, shown help for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import selectors, services
from accounts.models import User
from therapy.chat import socket_reads
from therapy.chat.models import ChatSession, Message, Turn
from therapy.chat.selectors import open_message
from therapy.safety import screening
from therapy.safety.models import Alert, RiskFlag

from .conftest import DANGER

pytestmark = pytest.mark.django_db
ENGLISH = "I want to kill myself tonight, the pills are here"
SETTINGS = {"language": "en", "country": "", "time_zone": "UTC"}
PROFILE = "accounts:profile"
REASONS = ("accounts:onboarding_step", [2])


def _send(client: Client, **words: str) -> str:
    return client.post(reverse(PROFILE), SETTINGS | words, follow=True).content.decode()


def _words_of(person: User) -> list[str]:
    rows = Message.objects.filter(session__person=person, role=Message.Role.USER).order_by("seq")
    return [open_message(row, person.pk).text for row in rows]


@pytest.mark.parametrize("words", [ENGLISH, DANGER])
def test_danger_at_the_first_steps_is_kept_and_brings_help(
    client: Client, make_person: Callable[..., User], words: str
) -> None:
    person = make_person("newcomer", ready=False)
    services.state_age_and_disclosure(person_id=person.pk)
    services.decide_consents(person_id=person.pk, decisions={"service": True})
    client.force_login(person)
    name, args = REASONS
    html = client.post(reverse(name, args=args), {"reason": words, "goals": "sleep"}).content.decode()
    flag = RiskFlag.objects.get(person=person)
    assert flag.level >= 3
    assert Alert.objects.filter(flag=flag).exists()
    assert Turn.objects.filter(message_id=flag.message_id).exists(), "a reply is owed"
    assert "data-card" in html
    assert reverse("chat:session", args=[flag.session_id]) in html
    assert reverse(name, args=[3]) in html, "the questions go on"
    (said,) = _words_of(person)
    assert words in said
    assert selectors.open_profile(person.pk).reason == words
    assert selectors.open_profile(person.pk).goals == "sleep"


def test_the_conversation_shows_the_card_afterwards(at_home: Client, alice: User) -> None:
    _send(at_home, goals=ENGLISH)
    session = ChatSession.objects.get(person=alice)
    assert at_home.get(reverse("chat:session", args=[session.pk])).status_code == 200
    assert socket_reads.card(alice.pk, session.pk)


def test_in_chinese_the_page_and_the_conversation_speak_chinese(at_home: Client, alice: User) -> None:
    services.update_profile(person_id=alice.pk, language="zh-hans")
    html = at_home.post(reverse(PROFILE), SETTINGS | {"language": "zh-hans", "goals": DANGER}).content.decode()
    assert "已保存" in html
    assert "去看对话" in html
    assert _words_of(alice) == [f"写在我的资料里：{DANGER}"]


def test_harmless_words_bring_nothing(at_home: Client, alice: User) -> None:
    html = _send(at_home, reason="My exams keep me awake.", goals="sleep better\ncall my sister", name="Al")
    assert "Saved." in html
    assert "data-card" not in html
    assert not RiskFlag.objects.exists()
    assert not ChatSession.objects.filter(person=alice).exists()
    assert selectors.open_profile(alice.pk).name == "Al"


def test_names_and_numbers_are_not_read(at_home: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    screen = screening.screen
    monkeypatch.setattr(screening, "screen", lambda text, *rest: (seen.append(text), screen(text, *rest))[1])
    _send(at_home, name="Al", pronouns="they", emergency_contact="Mei 555", reason="no sleep")
    assert seen == ["no sleep"]


def test_what_stands_there_unchanged_is_not_brought_twice(at_home: Client, alice: User) -> None:
    assert "data-card" in _send(at_home, reason=ENGLISH)
    assert "data-card" in _send(at_home, reason=ENGLISH), "the same form sent again shows help again"
    assert len(_words_of(alice)) == RiskFlag.objects.count() == 1
    RiskFlag.objects.update(created_at=timezone.now() - timedelta(hours=1))
    html = _send(at_home, reason=f" {ENGLISH}\r\n", name="Al")
    assert "data-card" not in html
    assert "Saved." in html
    assert len(_words_of(alice)) == 1
    assert "data-card" in _send(at_home, reason=f"{ENGLISH}. I mean it.", name="Al")
    assert len(_words_of(alice)) == RiskFlag.objects.count() == 2


def test_both_texts_are_read(at_home: Client, alice: User) -> None:
    assert _send(at_home, reason=ENGLISH, goals="I don't want to live anymore").count("data-card") == 1
    assert len(_words_of(alice)) == 2


def test_a_fault_of_screening_counts_as_danger_and_loses_nothing(
    at_home: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("no model")

    monkeypatch.setattr(screening.risk, "assess", broken)
    assert "data-card" in _send(at_home, reason="A quiet day.")
    assert RiskFlag.objects.filter(person=alice).exists()
    assert selectors.open_profile(alice.pk).reason == "A quiet day."


def test_the_pages_say_so_beforehand(at_home: Client, client: Client, carol: User) -> None:
    for place in (reverse(PROFILE), reverse(REASONS[0], args=REASONS[1])):
        assert "read by a program for signs of danger" in at_home.get(place).content.decode()
    client.force_login(carol)
    assert "read by a program for signs of danger" not in client.get(reverse(PROFILE)).content.decode()


def test_staff_have_no_conversation(client: Client, carol: User) -> None:
    client.force_login(carol)
    assert "Saved." in _send(client, reason=ENGLISH)
    assert not RiskFlag.objects.exists()
    assert not ChatSession.objects.exists()
