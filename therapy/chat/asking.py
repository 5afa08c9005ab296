"""A person asks for a human: what they are told beforehand, the wish itself, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from therapy.chat import selectors, writing
from therapy.chat.frames import error_text
from therapy.chat.models import ChatSession, Owner
from therapy.core.errors import ApplicationError
from therapy.oncall.selectors import Availability, availability
from therapy.safety import selectors as safety_selectors
from therapy.safety import services as safety
from therapy.safety.models import RiskFlag

KIND = "request_human"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person is told before they ask: who is there, how long it may take, whether they have asked already."""

    is_anyone_on: bool
    next_opening: datetime | None
    wait_minutes: int | None
    asked_at: datetime | None
    is_human_here: bool


def offer(session: ChatSession, *, now: datetime | None = None) -> Offer:
    """What to tell the person of a session."""
    moment = now or timezone.now()
    found: Availability = availability(language=selectors.language_of(session), now=moment)
    wait = found.expected_wait
    return Offer(
        is_anyone_on=found.is_anyone_on,
        next_opening=found.next_opening,
        wait_minutes=max(1, round(wait.total_seconds() / 60)) if wait is not None else None,
        asked_at=asked_at(session.pk),
        is_human_here=session.owner == Owner.COUNSELLOR,
    )


def open_wish(session_id: UUID) -> RiskFlag | None:
    """The wish for a human that nobody has met yet."""
    return safety_selectors.open_flags(session_id).filter(kind=KIND).first()


def asked_at(session_id: UUID) -> datetime | None:
    """Since when the person waits for a human; None where they do not."""
    wish = open_wish(session_id)
    return wish.created_at if wish else None


@transaction.atomic
def request_human(*, person_id: UUID, session_id: UUID, now: datetime | None = None) -> Offer:
    """Keep the wish for a human and alert the staff, even if nobody is on duty. A second wish changes nothing.

    Raises:
        ApplicationError: not_found, ended.
    """
    session = _locked(person_id, session_id)
    told = offer(session, now=now)
    if told.asked_at is not None or told.is_human_here:
        return told
    notice = writing.append_notice(session, "asked" if told.is_anyone_on else "asked_nobody")
    safety.raise_request(person_id=person_id, session_id=session.pk, message_id=notice.pk, kind=KIND)
    return offer(session, now=now)


@transaction.atomic
def withdraw_request(*, person_id: UUID, session_id: UUID) -> bool:
    """The person no longer asks for a human; false where they did not.

    Raises:
        ApplicationError: not_found, ended.
    """
    session = _locked(person_id, session_id)
    wish = open_wish(session.pk)
    if wish is None:
        return False
    safety.close_flags(flag_ids=[wish.pk])
    writing.append_notice(session, "unasked")
    return True


def _locked(person_id: UUID, session_id: UUID) -> ChatSession:
    session = ChatSession.objects.select_for_update().filter(pk=session_id, person_id=person_id).first()
    if session is None:
        raise ApplicationError("not_found", error_text("not_found"))
    if session.ended_at is not None:
        raise ApplicationError("ended", error_text("ended"))
    return session
