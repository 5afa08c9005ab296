"""Second looks at decisions about high risk: who may, what they find, and how a difference is settled."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from therapy.core.errors import ApplicationError
from therapy.review.bindings import look_binding, seal
from therapy.review.choices import Outcome
from therapy.review.models import SecondLook
from therapy.safety.models import Level

OPEN = (SecondLook.State.WAITING, SecondLook.State.DIFFERS)


def waiting(user: User) -> QuerySet[SecondLook]:
    """What somebody may look at: not their own decisions, the oldest first; differences for supervisors."""
    rows = SecondLook.objects.filter(state=SecondLook.State.WAITING)
    if user.role == Role.SUPERVISOR:
        rows = SecondLook.objects.filter(state__in=OPEN).exclude(Q(state=SecondLook.State.DIFFERS, reviewer=user))
    mine = Q(review__reviewer=user)
    return (
        rows.exclude(mine).select_related("review__flag__session", "review__reviewer").order_by("-state", "created_at")
    )


@transaction.atomic
def look(*, user: User, review_id: UUID, outcome: str, level_given: int, note: str) -> SecondLook:
    """Give a second opinion. The same outcome and the same level, or one beside it on the same side of high: agreed.

    Raises:
        ApplicationError: forbidden, own (nobody looks at their own decision), not_found, done, or incomplete.
    """
    row = _locked(user, review_id)
    if row.state != SecondLook.State.WAITING:
        raise ApplicationError("done", _("Somebody has already looked."))
    _require_whole(outcome, level_given)
    row.reviewer, row.outcome, row.level_given, row.looked_at = user, outcome, level_given, timezone.now()
    person_id = row.review.flag.person_id
    row.note_sealed = seal(note, look_binding(row, "note_sealed", person_id), person_id)
    row.state = SecondLook.State.AGREED if _is_agreed(row) else SecondLook.State.DIFFERS
    row.save()
    return row


@transaction.atomic
def settle(*, user: User, review_id: UUID, outcome: str, level_given: int, note: str) -> SecondLook:
    """A supervisor who was neither of the two says what holds.

    Raises:
        ApplicationError: forbidden, own, not_found, done, or incomplete.
    """
    row = _locked(user, review_id)
    if user.role != Role.SUPERVISOR:
        raise ApplicationError("forbidden", _("A supervisor settles differences."))
    if row.reviewer_id == user.pk:
        raise ApplicationError("own", _("Somebody else has to settle this one: you gave one of the two opinions."))
    if row.state != SecondLook.State.DIFFERS:
        raise ApplicationError("done", _("There is nothing to settle here."))
    _require_whole(outcome, level_given)
    row.settled_by, row.settled_outcome, row.settled_level, row.settled_at = user, outcome, level_given, timezone.now()
    person_id = row.review.flag.person_id
    row.settled_note_sealed = seal(note, look_binding(row, "settled_note_sealed", person_id), person_id)
    row.state = SecondLook.State.SETTLED
    row.save()
    return row


def _is_agreed(row: SecondLook) -> bool:
    first, second = row.review.level_given or 0, row.level_given or 0
    same_side = (first >= Level.HIGH) == (second >= Level.HIGH)
    return row.outcome == row.review.outcome and same_side and abs(first - second) <= 1


def _locked(user: User, review_id: UUID) -> SecondLook:
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can do this."))
    rows = SecondLook.objects.select_for_update(of=("self",)).select_related("review__flag")
    row = rows.filter(pk=review_id).first()
    if row is None:
        raise ApplicationError("not_found", _("This decision does not exist."))
    if row.review.reviewer_id == user.pk:
        raise ApplicationError("own", _("Somebody else has to look at your decision."))
    return row


def _require_whole(outcome: str, level_given: int) -> None:
    if outcome not in (Outcome.TRUE_ALARM, Outcome.FALSE_ALARM, Outcome.UNCLEAR) or level_given not in Level.values:
        raise ApplicationError("incomplete", _("Say what it was and which level it had."))
