"""What an answer raises stands on the person's message, too: the reply to come is weighed on it."""

from __future__ import annotations

import pytest

from ml.types import RiskLevel
from tests.safety.conftest import Raise, write
from therapy.chat.models import ChatSession, Message
from therapy.safety import services
from therapy.safety.models import RiskFlag


def answer(message: Message, level: RiskLevel) -> None:
    services.raise_from_answers(
        person_id=message.session.person_id,
        session_id=message.session_id,
        message_id=message.pk,
        source="check_in.1",
        level=level,
        kind="plan",
    )
    message.refresh_from_db()


def test_the_persons_message_becomes_as_severe_as_the_answer(session: ChatSession) -> None:
    message = write(session)
    answer(message, RiskLevel.MODERATE)
    assert (message.risk_level, message.risk_kind) == (RiskLevel.MODERATE, "plan")
    answer(message, RiskLevel.HIGH)
    assert message.risk_level == RiskLevel.HIGH
    assert RiskFlag.objects.get().level == RiskLevel.HIGH


def test_an_answer_never_lowers_the_message(session: ChatSession, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT, "attempt_in_progress")
    message = RiskFlag.objects.get().message
    Message.objects.filter(pk=message.pk).update(risk_level=RiskLevel.IMMINENT, risk_kind="attempt_in_progress")
    message.refresh_from_db()
    answer(message, RiskLevel.HIGH)
    assert (message.risk_level, message.risk_kind) == (RiskLevel.IMMINENT, "attempt_in_progress")


@pytest.mark.parametrize("role", [Message.Role.ASSISTANT, Message.Role.SYSTEM])
def test_a_question_of_ours_keeps_its_own_level(session: ChatSession, role: str) -> None:
    message = write(session, role=role)
    answer(message, RiskLevel.HIGH)
    assert message.risk_level == RiskLevel.NONE
    assert RiskFlag.objects.get().level == RiskLevel.HIGH
