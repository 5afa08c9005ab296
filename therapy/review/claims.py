"""Who works on which conversation, and who is at the desk. A claim ends by itself where its holder goes silent."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from therapy.core import live
from therapy.core.errors import ApplicationError
from therapy.review.models import Claim, Presence
from therapy.safety.services import DESK

CLAIM_LASTS = timedelta(minutes=10)
# Somebody counts as being at the desk for so long after their last step.
PRESENT_FOR = timedelta(minutes=3)
_NOTED_EVERY = timedelta(seconds=30)


@transaction.atomic
def claim(*, user: User, session_id: UUID, is_relieving: bool = False, now: datetime | None = None) -> Claim:
    """Take a conversation, or hold on to it. A supervisor may relieve a colleague; an ended claim is anybody's.

    Raises:
        ApplicationError: forbidden, or claimed (a colleague works on it).
    """
    moment = now or timezone.now()
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can open flagged conversations."))
    fresh = {"user": user, "since": moment, "until": moment + CLAIM_LASTS}
    Claim.objects.get_or_create(session_id=session_id, defaults=fresh)
    row = Claim.objects.select_for_update().get(session_id=session_id)
    may_take = row.until <= moment or (is_relieving and user.role == Role.SUPERVISOR)
    if row.user_id != user.pk and not may_take:
        raise claimed_by(row)
    if row.user_id != user.pk:
        row.user, row.since = user, moment
    row.until = moment + CLAIM_LASTS
    row.save()
    live.publish_on_commit(DESK, "claimed", session=str(session_id))
    return row


def claimed_by(row: Claim) -> ApplicationError:
    """The kind refusal that names the colleague."""
    text = _("{name} works on this conversation. It is free again at {time} UTC if they go silent.")
    return ApplicationError("claimed", format_lazy(text, name=row.user.username, time=f"{row.until:%H:%M}"))


def keep(*, user: User, session_id: UUID, now: datetime | None = None) -> bool:
    """The holder is at work: hold on. False where they no longer hold it."""
    moment = now or timezone.now()
    mine = Claim.objects.filter(session_id=session_id, user=user, until__gt=moment)
    return bool(mine.update(until=moment + CLAIM_LASTS))


def release(*, user: User, session_id: UUID) -> bool:
    """Let a conversation go, one's own only."""
    gone = Claim.objects.filter(session_id=session_id, user=user).delete()[0]
    if gone:
        live.publish_on_commit(DESK, "released", session=str(session_id))
    return bool(gone)


def holder_of(session_id: UUID, now: datetime | None = None) -> Claim | None:
    """The claim that holds now."""
    running = Claim.objects.filter(session_id=session_id, until__gt=now or timezone.now())
    return running.select_related("user").first()


def require(*, user: User, session_id: UUID, now: datetime | None = None) -> None:
    """Go on only where nobody else works on it.

    Raises:
        ApplicationError: claimed.
    """
    row = holder_of(session_id, now)
    if row is not None and row.user_id != user.pk:
        raise claimed_by(row)


def note_presence(*, user: User, now: datetime | None = None) -> None:
    """Somebody did something at the desk; written every half minute at most."""
    moment = now or timezone.now()
    row, is_new = Presence.objects.get_or_create(user=user, defaults={"seen_at": moment})
    if not is_new and moment - row.seen_at >= _NOTED_EVERY:
        Presence.objects.filter(pk=row.pk).update(seen_at=moment)


def at_the_desk(now: datetime | None = None) -> list[User]:
    """Who did something at the desk within the last minutes."""
    since = (now or timezone.now()) - PRESENT_FOR
    return list(
        User.objects.filter(pk__in=Presence.objects.filter(seen_at__gte=since).values("user")).order_by("username")
    )
