"""Reads of the live page: whether somebody may sit there, where the conversation stands, its messages for staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import access
from accounts.models import Access, User
from therapy.chat import selectors as chat
from therapy.chat.models import CannedReply, ChatSession, Message, Turn
from therapy.chat.selectors import MessageView
from therapy.chat.speakers import Speaker, label, open_stretch, speaker_of
from therapy.review.kinds import kind_name
from therapy.review.selectors import READING_LASTS
from therapy.safety import selectors as safety
from therapy.safety.models import Level


@dataclass(frozen=True, slots=True)
class LiveState:
    """Where a conversation stands, for one member of the staff."""

    last_seq: int
    speaker: Speaker
    is_mine: bool
    is_writing: bool

    def as_frame(self) -> dict[str, object]:
        """What the desk's page is told of it."""
        return self.speaker.as_frame() | {"mine": self.is_mine, "writing": self.is_writing}


def is_speaking(user: User, session_id: UUID) -> bool:
    """Whether this counsellor speaks in the conversation now."""
    stretch = open_stretch(session_id)
    return stretch is not None and stretch.counsellor_id == user.pk


def reading_of(user: User, session_id: UUID, now: datetime | None = None) -> Access | None:
    """The newest reading of a conversation that this counsellor has written down and that still lasts."""
    since = (now or timezone.now()) - READING_LASTS
    readings = Access.objects.filter(actor=user, what=Access.What.TRANSCRIPT, object_id=session_id, at__gt=since)
    return readings.order_by("-at").first()


def may_stay(user: User, session_id: UUID, now: datetime | None = None) -> bool:
    """Whether the words may be shown: a reading is open, or this counsellor is the one who speaks."""
    if not user.is_counselling_staff:
        return False
    return is_speaking(user, session_id) or reading_of(user, session_id, now) is not None


def staff_of(scope: Mapping[str, Any], *, is_active: bool = False) -> User | None:
    """Who sits behind a socket, read anew: signed in, second factor, certificate, not idle; None where any is missing.

    `is_active`: a sign that somebody is at work, written into the session as a click on a page is.
    """
    user, session = scope.get("user"), scope.get("session")
    if user is None or session is None or not session.session_key:
        return None
    stored = SessionStore(session.session_key)
    person = User.objects.filter(pk=user.pk, is_active=True).first()
    if person is None or stored.get(SESSION_KEY) != str(person.pk) or not person.is_counselling_staff:
        return None
    if not constant_time_compare(stored.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return None
    now = timezone.now()
    if access.has_timed_out(stored, now) or access.refusal(person, stored, now):
        return None
    if is_active:
        access.touch(stored, now)
        if stored.modified:
            stored.save()
    return person


def state_of(user: User, session_id: UUID) -> LiveState | None:
    """Where the conversation stands; None where it is gone."""
    session = ChatSession.objects.filter(pk=session_id).first()
    if session is None:
        return None
    speaker = speaker_of(session, timezone.now())
    is_writing = Turn.objects.filter(session=session, status__in=Turn.OPEN).exists()
    return LiveState(session.last_seq, speaker, speaker.user_id == user.pk, is_writing)


def messages(session_id: UUID, since: int) -> list[dict[str, object]]:
    """Messages after `since` for the desk. The caller has checked that they may be shown."""
    session = ChatSession.objects.get(pk=session_id)
    return [as_staff_frame(view) for view in chat.messages_since(session, since)]


def as_staff_frame(view: MessageView) -> dict[str, object]:
    """A message with what only staff sees of it: its level and kind."""
    is_risk = view.role == Message.Role.USER and view.risk_level >= Level.LOW
    return view.as_frame() | {
        "risk": view.risk_level if is_risk else 0,
        "risk_name": str(Level(view.risk_level).label) if is_risk else "",
        "risk_kind": kind_name(view.risk_kind) if is_risk else "",
        "who": label(view.author_name, view.author_role) if view.role == Message.Role.COUNSELLOR else "",
    }


def canned_replies(language: str) -> list[CannedReply]:
    """Prepared texts in the language of a conversation."""
    return list(CannedReply.objects.filter(language=language))


def facts(session: ChatSession) -> dict[str, Any]:
    """What stands beside the conversation; no words."""
    flags = list(safety.open_flags(session.pk))
    return {
        "person_ref": str(session.person_id)[:8],
        "language_name": "中文" if session.language == "zh" else "English",
        "person_level": Level(safety.effective_level(session.person_id)),
        "flags": [(flag, Level(flag.level), kind_name(flag.kind)) for flag in flags],
    }
