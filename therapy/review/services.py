"""Writes of the desk about a flag: opening its conversation with a reason, and the decision that closes it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Access, User
from ml.types import RiskLevel
from therapy.core.errors import ApplicationError
from therapy.review import cases, claims, reading
from therapy.review.bindings import note_binding, seal
from therapy.review.choices import Fact
from therapy.review.dispositions import FACTS, Disposition, needs_second_look, problems
from therapy.review.models import FollowUp, Review, SecondLook
from therapy.review.reading import SHORTEST_REASON as SHORTEST_REASON
from therapy.safety import person_risk
from therapy.safety import selectors as safety_selectors
from therapy.safety import services as safety
from therapy.safety.lowering import lower_person_risk
from therapy.safety.models import RiskFlag


@transaction.atomic
def open_transcript(*, user: User, flag_id: UUID, reason: str, is_relieving: bool = False) -> Access:
    """Write down who reads a flagged session and why, before a word of it is opened; an open flag is claimed by it.

    Raises:
        ApplicationError: forbidden, not_found, break_glass_needed, reason_needed, or claimed.
    """
    flag = _flag_for(user, flag_id)
    access = reading.open_session(user=user, session_id=flag.session_id, reason=reason)
    if flag.state == RiskFlag.State.OPEN:
        claims.claim(user=user, session_id=flag.session_id, is_relieving=is_relieving)
    return access


@transaction.atomic
def review_flag(*, user: User, flag_id: UUID, disposition: Disposition) -> Review:
    """Record a decision, close the flag (or all open ones of its session), resolve the alerts, let the claim go.

    Decisions about high or imminent risk wait for a second look. Only a human may let the stored level go (CR-03).

    Raises:
        ApplicationError: forbidden, not_found, claimed, incomplete (a structured decision is required to close), or
            alerts_open where the level shall go while danger in another conversation is not yet decided about.
    """
    flag = _flag_for(user, flag_id)
    claims.require(user=user, session_id=flag.session_id)
    wrong = problems(disposition, kind=flag.kind, today=timezone.now().date())
    if wrong:
        raise ApplicationError("incomplete", next(iter(wrong.values())))
    closing = {flag.pk}
    if disposition.whole_session:
        closing |= set(safety_selectors.open_flags(flag.session_id).values_list("pk", flat=True))
    # Flags, then the person's state, then alerts: the order in which a message of danger takes its locks. In another
    # order a decision and a message could wait for each other, and the database would give up one of them.
    safety.lock_flags(flag_ids=closing)
    review = _write(user, flag, disposition)
    levels = RiskFlag.objects.filter(pk__in=closing).values_list("level", flat=True)
    if needs_second_look(disposition, highest=max(levels, default=0)):
        SecondLook.objects.create(review=review)
    if disposition.lower_risk:
        person_risk.lock(flag.person_id)
    safety.close_flags(flag_ids=closing)
    if disposition.lower_risk:
        _let_go(user, flag.person_id, disposition.note)
    _arrange(user, flag, disposition)
    if not safety_selectors.open_flags(flag.session_id).exists():
        claims.release(user=user, session_id=flag.session_id)
    return review


def _let_go(user: User, person_id: UUID, reason: str) -> None:
    """The stored level goes, with the note as the reason that is kept. What had faded already needs none."""
    if safety_selectors.effective_level(person_id) > RiskLevel.NONE:
        lower_person_risk(person_id=person_id, user=user, level=RiskLevel.NONE, reason=reason)


def _write(user: User, flag: RiskFlag, found: Disposition) -> Review:
    review = Review(id=uuid4(), flag=flag, reviewer=user, outcome=found.outcome, action=found.action)
    review.level_given, review.contact = found.level_given, found.contact
    for fact in FACTS:
        setattr(review, fact, getattr(found, fact) or Fact.UNKNOWN)
    review.false_reason = found.false_reason if found.outcome == Review.Outcome.FALSE_ALARM else ""
    review.follow_up_on = found.follow_up_on
    review.note_sealed = seal(found.note, note_binding(review, flag.person_id), flag.person_id)
    review.save(force_insert=True)
    return review


def _arrange(user: User, flag: RiskFlag, found: Disposition) -> None:
    """The case, if somebody keeps it, and the task of the follow-up day."""
    if found.keep_case:
        cases.assign(user=user, person_id=flag.person_id, counsellor_id=user.pk)
    if found.follow_up_on:
        cases.add_follow_up(
            user=user,
            person_id=flag.person_id,
            what=FollowUp.What.CHECK_IN,
            due_on=found.follow_up_on,
            flag_id=flag.pk,
        )


def _flag_for(user: User, flag_id: UUID) -> RiskFlag:
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can open flagged conversations."))
    flag = RiskFlag.objects.select_related("session").filter(pk=flag_id).first()
    if flag is None:
        raise ApplicationError("not_found", _("This flag does not exist."))
    return flag
