"""Asking for a human: told honestly first, kept and alerted even where nobody is there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from therapy.chat import asking, selectors, services, takeover
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.oncall.selectors import Availability
from therapy.safety import cards
from therapy.safety.models import Alert, RiskFlag

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def duty(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the rota says."""
    state: dict[str, Any] = {"is_on": True, "wait": timedelta(minutes=4), "next": None, "language": ""}

    def availability(*, language: str, now: object) -> Availability:
        state["language"] = language
        return Availability(state["is_on"], state["next"], state["wait"])

    monkeypatch.setattr(asking, "availability", availability)
    return state


def last(session: ChatSession) -> str:
    return selectors.messages_since(session, 0)[-1].text


def test_the_offer_is_what_the_rota_says(session: ChatSession, duty: dict[str, Any]) -> None:
    told = asking.offer(session)
    assert (told.is_anyone_on, told.wait_minutes, told.asked_at) == (True, 4, None)
    assert duty["language"] == "en"
    assert not RiskFlag.objects.exists(), "looking is not asking"


def test_asking_writes_a_notice_and_an_alert(session: ChatSession, alice: User, duty: dict[str, Any]) -> None:
    told = services.request_human(person_id=alice.pk, session_id=session.pk)
    assert told.asked_at is not None
    assert "asked for a human" in last(session)
    assert Alert.objects.get().kind == "request_human"
    assert cards.card_for_session(session.pk, language="en", country="GB") is None


def test_with_nobody_on_duty_the_wish_is_kept_and_said_so(
    session: ChatSession, alice: User, duty: dict[str, Any]
) -> None:
    duty["is_on"], duty["wait"] = False, None
    services.request_human(person_id=alice.pk, session_id=session.pk)
    assert "Nobody is on duty" in last(session)
    assert Alert.objects.get().resolved_at is None


def test_asking_twice_is_one_wish(session: ChatSession, alice: User, duty: dict[str, Any]) -> None:
    for _ in range(2):
        services.request_human(person_id=alice.pk, session_id=session.pk)
    assert Alert.objects.count() == RiskFlag.objects.count() == 1
    assert session.messages.count() == 2


def test_a_wish_can_be_taken_back(session: ChatSession, alice: User, duty: dict[str, Any]) -> None:
    assert not services.withdraw_request(person_id=alice.pk, session_id=session.pk)
    services.request_human(person_id=alice.pk, session_id=session.pk)
    assert services.withdraw_request(person_id=alice.pk, session_id=session.pk)
    assert asking.asked_at(session.pk) is None
    assert Alert.objects.get().resolved_at is not None
    services.request_human(person_id=alice.pk, session_id=session.pk)
    assert Alert.objects.count() == 2


def test_a_counsellor_who_comes_meets_the_wish(
    session: ChatSession, alice: User, carol: User, duty: dict[str, Any]
) -> None:
    services.request_human(person_id=alice.pk, session_id=session.pk)
    takeover.take_over(user=carol, session_id=session.pk)
    alert = Alert.objects.get()
    assert alert.acknowledged_by == carol
    assert alert.resolved_at is not None
    assert asking.offer(session).asked_at is None
    session.refresh_from_db()
    assert services.request_human(person_id=alice.pk, session_id=session.pk).is_human_here
    assert Alert.objects.count() == 1


def test_nobody_asks_for_somebody_else(session: ChatSession, bob: User, duty: dict[str, Any]) -> None:
    for service in (services.request_human, services.withdraw_request):
        with pytest.raises(ApplicationError) as refused:
            service(person_id=bob.pk, session_id=session.pk)
        assert refused.value.code == "not_found"


def test_an_ended_conversation_asks_for_nobody(session: ChatSession, alice: User, duty: dict[str, Any]) -> None:
    ChatSession.objects.filter(pk=session.pk).update(ended_at=timezone.now())
    with pytest.raises(ApplicationError) as refused:
        services.request_human(person_id=alice.pk, session_id=session.pk)
    assert refused.value.code == "ended"
