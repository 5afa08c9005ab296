"""A session of Alice's with messages written straight into it, and assessments to record."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts import keys
from accounts.models import User
from ml.types import Evidence, RiskAssessment, RiskLevel
from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import message_binding
from therapy.safety import services
from therapy.safety.services import Screened

CANARY = "heliotrope-canary-7431"

Raise = Callable[..., Screened]


@pytest.fixture
def session(alice: User) -> ChatSession:
    return ChatSession.objects.create(person=alice, language="zh")


def write(session: ChatSession, text: str = CANARY, role: str = Message.Role.USER) -> Message:
    """A message of a session, sealed as the product seals it."""
    session.last_seq += 1
    session.save(update_fields=["last_seq"])
    message = Message(id=uuid4(), session=session, seq=session.last_seq, role=role, language=session.language)
    message.body_sealed = keys.seal_text(text, message_binding(message, session.person_id), session.person_id)
    message.save(force_insert=True)
    return message


def assessed(level: RiskLevel, kind: str = "plan", *, start: int = 0, end: int = 5) -> RiskAssessment:
    """What screening would say."""
    evidence = Evidence("rule", "zh.plan.1", level, start, end)
    return RiskAssessment(level, kind, "zh", "rules-test", {"risk": 0.9}, (evidence,) if level else ())


@pytest.fixture
def raise_risk(session: ChatSession) -> Raise:
    """Write a message and record what it raised; `session` and `text` may be given."""

    def record(
        level: RiskLevel, kind: str = "plan", *, within: ChatSession | None = None, text: str = CANARY
    ) -> Screened:
        chat = within or session
        message = write(chat, text)
        return services.record_screening(
            person_id=chat.person_id, session_id=chat.pk, message_id=message.pk, assessment=assessed(level, kind)
        )

    return record


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What was given to the queue, instead of a broker."""
    from therapy.safety import tasks

    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks.deliver_alert, "delay", lambda *args: sent.append(args))
    return sent
