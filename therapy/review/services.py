"""Writes of the desk: opening a person's words with a reason, deciding about a flag."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.models import Access, User
from accounts.services import log_access
from therapy.core.errors import ApplicationError
from therapy.review.models import Review
from therapy.review.selectors import note_binding
from therapy.safety import selectors as safety_selectors
from therapy.safety import services as safety
from therapy.safety.models import RiskFlag

SHORTEST_REASON = 5


def open_transcript(*, user: User, flag_id: UUID, reason: str) -> Access:
    """Write down who reads a flagged session and why, before a word of it is opened.

    Raises:
        ApplicationError: not counselling staff, no such flag, or no reason.
    """
    flag = _flag_for(user, flag_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ApplicationError("reason_needed", _("Please say why you open this conversation. The person can see it."))
    return log_access(
        actor=user,
        person_id=flag.person_id,
        what=Access.What.TRANSCRIPT,
        object_id=flag.session_id,
        reason=reason.strip(),
    )


@transaction.atomic
def review_flag(
    *, user: User, flag_id: UUID, outcome: str, action: str, note: str, whole_session: bool, lower_risk: bool
) -> Review:
    """Record a decision, close the flag (or all open ones of its session) and resolve the alerts.

    `lower_risk` lets the person's stored level go: only a human may do that at once (CR-03).

    Raises:
        ApplicationError: not counselling staff, or no such flag.
    """
    flag = _flag_for(user, flag_id)
    review = Review(id=uuid4(), flag=flag, reviewer=user, outcome=outcome, action=action)
    if note.strip():
        review.note_sealed = keys.seal_text(note.strip(), note_binding(review, flag.person_id), flag.person_id)
    review.save(force_insert=True)
    closing = {flag.pk}
    if whole_session:
        closing |= set(safety_selectors.open_flags(flag.session_id).values_list("pk", flat=True))
    # Flags, then the person's state, then alerts: the order in which a message of danger takes its locks. In another
    # order a decision and a message could wait for each other, and the database would give up one of them.
    safety.lock_flags(flag_ids=closing)
    if lower_risk:
        safety.clear_person_risk(person_id=flag.person_id)
    safety.close_flags(flag_ids=closing)
    return review


def _flag_for(user: User, flag_id: UUID) -> RiskFlag:
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can open flagged conversations."))
    flag = RiskFlag.objects.filter(pk=flag_id).first()
    if flag is None:
        raise ApplicationError("not_found", _("This flag does not exist."))
    return flag
