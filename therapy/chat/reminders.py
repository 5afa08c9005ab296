"""Says again that this is an AI: every three hours of use, every hour for minors, after seven days away (RG-01).

A notice in the conversation, written with the person's message. Where that message is of high danger it waits for the
next one: then only help counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.selectors import open_profile
from ml.types import RiskLevel
from therapy.chat import writing
from therapy.chat.models import ChatSession, Message

EVERY = timedelta(hours=3)
EVERY_FOR_MINORS = timedelta(hours=1)
AWAY = timedelta(days=7)
ADULT = 18
# Notices that say what this is; "hello" opens every conversation.
DISCLOSURES = ("hello", "reminder")


def remind_if_due(session: ChatSession, message: Message, *, now: datetime) -> Message | None:
    """Write the reminder after `message` where the last disclosure is too long ago. Call in its transaction."""
    if message.risk_level >= RiskLevel.HIGH:
        return None
    last = last_disclosure(session.person_id)
    if last is not None and now - last < interval():
        return None
    with translation.override(open_profile(session.person_id).language):
        return writing.append(
            session=session,
            role=Message.Role.SYSTEM,
            text=_text(was_away=last is not None and now - last >= AWAY),
            provenance={"notice": "reminder"},
        )


def interval() -> timedelta:
    """How long a disclosure holds. Where minors may use the service, ages are not known: the shorter time for all."""
    return EVERY if settings.MINIMUM_AGE >= ADULT else EVERY_FOR_MINORS


def last_disclosure(person_id: UUID) -> datetime | None:
    """When the person was last told in any conversation that this is an AI."""
    notices = Message.objects.filter(
        session__person_id=person_id, role=Message.Role.SYSTEM, provenance__notice__in=DISCLOSURES
    )
    return notices.order_by("-created_at").values_list("created_at", flat=True).first()


def _text(*, was_away: bool) -> str:
    if was_away:
        return _(
            "You are back after a while, so once more: I am Attune, a computer program (AI), not a human, and I cannot "
            "feel human emotion. What you write here is read for signs of danger, and a counsellor may be told."
        )
    return _(
        "A reminder, as every few hours: I am Attune, a computer program (AI), not a human, and I cannot feel human "
        "emotion. If you have been writing for long, a short break may do you good. I am still here afterwards."
    )
