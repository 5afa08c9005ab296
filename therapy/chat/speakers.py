"""Reads of who speaks in a conversation, as the person is shown it: an AI, or a human by name and role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Role, User
from therapy.chat.models import ChatSession, Owner, Takeover
from therapy.safety import selectors as safety

# The counsellor's page gives a sign every 10 seconds; two missed ones count as away.
HERE_WITHIN = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks. `name` and `role` only where a human does; `is_here`: their page is open right now.

    `is_asked`: the person asked for a human, and none has come yet.
    """

    owner: str
    epoch: int
    name: str = ""
    role: str = ""
    is_here: bool = True
    user_id: UUID | None = None
    is_asked: bool = False

    def as_frame(self) -> dict[str, object]:
        """What a browser is told of it."""
        return {
            "owner": self.owner,
            "epoch": self.epoch,
            "name": self.name,
            "role_name": self.role,
            "here": self.is_here,
            "asked": self.is_asked,
        }


def speaker_of(session: ChatSession, now: datetime) -> Speaker:
    """Who speaks in a session now."""
    if session.owner != Owner.COUNSELLOR:
        is_asked = safety.open_flags(session.pk).filter(kind="request_human").exists()
        return Speaker(session.owner, session.epoch, is_asked=is_asked)
    stretch = open_stretch(session.pk)
    if stretch is None or stretch.counsellor is None:
        return Speaker(session.owner, session.epoch, is_here=False)
    person = stretch.counsellor
    is_here = stretch.seen_at > now - HERE_WITHIN
    return Speaker(session.owner, session.epoch, person.username, person.role, is_here, person.pk)


def open_stretch(session_id: UUID) -> Takeover | None:
    """The stretch of the counsellor who speaks now."""
    return Takeover.objects.select_related("counsellor").filter(session_id=session_id, ended_at__isnull=True).first()


def role_name(role: str) -> str:
    """A role in words, in the active language."""
    return _("supervisor") if role == Role.SUPERVISOR else _("counsellor")


def label(name: str, role: str) -> str:
    """Name and role of a human, in the active language; without a name what they are."""
    return _("{name} ({role})").format(name=name, role=role_name(role)) if name else _("a human of our team")


def named(user: User | None) -> str:
    """Name and role of a human, in the active language."""
    return label(user.username, user.role) if user else label("", "")


def line_of(speaker: Speaker) -> str:
    """Who the person writes with, in a sentence, in the active language."""
    if speaker.owner != Owner.COUNSELLOR:
        return _("You are writing with an AI, not a human.")
    who = label(speaker.name, speaker.role)
    if not speaker.is_here:
        return _("{who} is away for a moment. What you write is kept.").format(who=who)
    return _("You are writing with {who}: a human.").format(who=who)
