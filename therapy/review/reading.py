"""Who may open which conversation, and the emergency opening of the others (SE-05). Words are opened elsewhere."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Access, Role, User
from accounts.services import log_access
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.review.models import Assignment, BreakGlass, Review, Sample, SecondLook
from therapy.safety.models import RiskFlag

logger = logging.getLogger(__name__)

GLASS_LASTS = timedelta(minutes=30)
SHORTEST_REASON = 5
# An emergency needs a sentence, not a word.
SHORTEST_EMERGENCY = 20


def may_read(user: User, session: ChatSession, now: datetime | None = None) -> bool:
    """Whether a conversation is open to somebody with a reason: flagged and waiting, their own work, an emergency."""
    if not user.is_counselling_staff:
        return False
    flags = RiskFlag.objects.filter(session=session)
    if flags.filter(state=RiskFlag.State.OPEN).exists():
        return True
    if user.role == Role.SUPERVISOR and flags.exists():
        return True
    if is_assigned(user, session.person_id):
        return True
    own_work = Review.objects.filter(flag__session=session, reviewer=user).exists()
    return own_work or _waits_for_second_look(session) or has_glass(user, session.pk, now)


def is_assigned(user: User, person_id: UUID) -> bool:
    """Whether somebody accompanies a person now."""
    return Assignment.objects.filter(person_id=person_id, counsellor=user, ended_at=None).exists()


def _waits_for_second_look(session: ChatSession) -> bool:
    open_states = (SecondLook.State.WAITING, SecondLook.State.DIFFERS)
    return SecondLook.objects.filter(review__flag__session=session, state__in=open_states).exists()


def has_glass(user: User, session_id: UUID, now: datetime | None = None) -> bool:
    """Whether somebody's emergency opening of a conversation still lasts."""
    return BreakGlass.objects.filter(user=user, session_id=session_id, until__gt=now or timezone.now()).exists()


def open_session(*, user: User, session_id: UUID, reason: str) -> Access:
    """Write down who reads a conversation and why, before a word of it is opened.

    Raises:
        ApplicationError: forbidden, not_found, break_glass_needed, or reason_needed.
    """
    session = _session_for(user, session_id)
    if not may_read(user, session):
        text = _("This conversation is neither flagged nor assigned to you. Only an emergency opens it.")
        raise ApplicationError("break_glass_needed", text)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ApplicationError("reason_needed", _("Please say why you open this conversation. The person can see it."))
    return _log(user, session, reason)


@transaction.atomic
def break_glass(*, user: User, session_id: UUID, reason: str) -> BreakGlass:
    """Open a conversation in an emergency, for half an hour; supervisors are told, the person sees it.

    Raises:
        ApplicationError: forbidden, not_found, or reason_needed.
    """
    session = _session_for(user, session_id)
    if len(reason.strip()) < SHORTEST_EMERGENCY:
        text = _("Please write a whole sentence: what is the emergency? The person and a supervisor will read it.")
        raise ApplicationError("reason_needed", text)
    now = timezone.now()
    access = _log(user, session, reason)
    row = BreakGlass.objects.create(
        person_id=session.person_id, session=session, user=user, access=access, at=now, until=now + GLASS_LASTS
    )
    transaction.on_commit(lambda: _tell_supervisors(row))
    return row


def _session_for(user: User, session_id: UUID) -> ChatSession:
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can open flagged conversations."))
    session = ChatSession.objects.filter(pk=session_id).first()
    if session is None:
        raise ApplicationError("not_found", _("This conversation does not exist."))
    return session


def _log(user: User, session: ChatSession, reason: str) -> Access:
    return log_access(
        actor=user,
        person_id=session.person_id,
        what=Access.What.TRANSCRIPT,
        object_id=session.pk,
        reason=reason.strip(),
    )


def _tell_supervisors(row: BreakGlass) -> None:
    """A mail with ids only; the list at the desk waits for them in any case, so a failed mail loses nothing."""
    supervisors = User.objects.filter(role=Role.SUPERVISOR, is_active=True).exclude(email="")
    addresses = list(supervisors.values_list("email", flat=True))
    if not addresses:
        return
    place = settings.PUBLIC_URL + reverse("admin:desk_emergencies")
    try:
        send_mail("Attune: an emergency opening to look at", place, settings.DEFAULT_FROM_EMAIL, addresses)
    except OSError as error:
        logger.warning("supervisors not told of emergency opening %s: %s", row.pk, type(error).__name__)


def see_emergency(*, user: User, glass_id: UUID) -> bool:
    """A supervisor has looked at an emergency opening; never at one of their own.

    Raises:
        ApplicationError: forbidden.
    """
    if not (user.is_counselling_staff and user.role == Role.SUPERVISOR):
        raise ApplicationError("forbidden", _("Supervisors look at emergency openings."))
    others = BreakGlass.objects.filter(pk=glass_id, seen_at=None).exclude(user=user)
    return bool(others.update(seen_by=user, seen_at=timezone.now()))


def is_drawn_for(user: User, session_id: UUID) -> bool:
    """Whether somebody holds this conversation as a blind sample, not decided yet."""
    return Sample.objects.filter(session_id=session_id, reviewer=user, decided_at=None).exists()
