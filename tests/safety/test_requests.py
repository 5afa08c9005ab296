"""What a person asks for goes the way of an alert, and is no sign of danger."""

from __future__ import annotations

import pytest

from accounts.models import User
from therapy.chat import services as chat
from therapy.chat.models import ChatSession, Message
from therapy.safety import cards, selectors
from therapy.safety import services as safety
from therapy.safety.models import Alert, RiskFlag

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(alice: User) -> ChatSession:
    return chat.open_session(person_id=alice.pk)


def ask(session: ChatSession, kind: str) -> Alert:
    notice = chat.writing.append(session=session, role=Message.Role.SYSTEM, text="asked")
    return safety.raise_request(person_id=session.person_id, session_id=session.pk, message_id=notice.pk, kind=kind)


def test_a_request_is_an_alert_without_a_card(session: ChatSession) -> None:
    alert = ask(session, "request_human")
    assert alert.status == Alert.Status.PENDING
    assert list(selectors.open_alerts()) == [alert]
    assert cards.card_for_session(session.pk, language="en", country="GB") is None
    assert selectors.effective_level(session.person_id) == 0


def test_one_open_request_of_a_kind(session: ChatSession) -> None:
    first = ask(session, "request_human")
    assert ask(session, "request_human") == first
    assert ask(session, "callback") != first
    assert Alert.objects.count() == 2


def test_closing_the_request_closes_its_alert_alone(session: ChatSession) -> None:
    first, second = ask(session, "request_human"), ask(session, "callback")
    safety.close_flags(flag_ids=[first.flag_id])
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.resolved_at is not None
    assert second.resolved_at is None
    assert second.flag.state == RiskFlag.State.OPEN
    assert ask(session, "request_human").pk != first.pk
