"""Reads of who speaks in a conversation, as the person is shown it: an AI, or a human by name and role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Role, User
from therapy.chat.models import ChatSession, Owner, Takeover

# The counsellor's page gives a sign every 10 seconds; two missed ones count as away.
HERE_WITHIN = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks. `name` and `role` only where a human does; `is_here`: their page is open right now."""

    owner: str
    epoch: int
    name: str = ""
    role: str = ""
    is_here: bool = True
    user_id: UUID | None = None

    def as_frame(self) -> dict[str, object]:
        """What a browser is told of it."""
        return {
            "owner": self.owner,
            "epoch": self.epoch,
            "name": self.name,
            "role_name": self.role,
            "here": self.is_here,
        }


def speaker_of(session: ChatSession, now: datetime) -> Speaker:
    """Who speaks in a session now."""
    if session.owner != Owner.COUNSELLOR:
        return Speaker(session.owner, session.epoch)
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


def named(user: User | None) -> str:
    """Name and role of a human, in the active language."""
    if user is None:
        return _("a human of our team")
    return _("{name} ({role})").format(name=user.username, role=role_name(user.role))
