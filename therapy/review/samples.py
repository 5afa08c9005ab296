"""The random sample: conversations read blind, so that what screening misses is counted and not only what it finds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Access, User
from accounts.services import log_access
from ml.types import Language, RiskAssessment, RiskLevel
from therapy.chat.models import ChatSession, Message
from therapy.core.errors import ApplicationError
from therapy.review.models import Sample
from therapy.safety import services as safety
from therapy.safety.drills import PERSON_ID as DRILL_PERSON
from therapy.safety.models import REQUEST_KINDS, Level, RiskFlag

# What the person reads under Privacy about such a reading.
REASON = "Quality check: a conversation drawn at random, read without your name."
# One flagged conversation among so many unflagged ones, so that reviewers go on looking.
CONTROL_EVERY = 5
FEWEST_MESSAGES = 2


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval by Wilson; None where nothing was counted."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def wilson(hits: int, of: int, z: float = 1.959964) -> Share:
    """Wilson's interval of a share: honest at small numbers and at zero."""
    if of == 0:
        return Share(0, 0, None, None, None)
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Share(hits, of, share, max(0.0, middle - half), min(1.0, middle + half))


@transaction.atomic
def draw(*, user: User, count: int = 5, now: datetime | None = None, seed: int | None = None) -> int:
    """Draw conversations of the last 30 days that were never drawn; returns how many there were.

    Raises:
        ApplicationError: forbidden.
    """
    _require_counselling(user)
    moment = now or timezone.now()
    chance = random.Random(seed)
    controls = sum(1 for _index in range(count) if chance.randrange(CONTROL_EVERY) == 0)
    flagged, unflagged = _drawable(moment)
    drawn = [(session, True) for session in flagged.order_by("?")[:controls]]
    drawn += [(session, False) for session in unflagged.order_by("?")[: count - len(drawn)]]
    rows = [
        Sample(session=session, is_control=is_control, last_seq=session.last_seq, drawn_at=moment)
        for session, is_control in drawn
    ]
    return len(Sample.objects.bulk_create(rows, ignore_conflicts=True))


def _drawable(moment: datetime) -> tuple[QuerySet[ChatSession], QuerySet[ChatSession]]:
    """Flagged and unflagged conversations that may be drawn; drills and requests for a person are no flags here."""
    flags = RiskFlag.objects.filter(session=OuterRef("pk")).exclude(kind__in=REQUEST_KINDS)
    sessions = (
        ChatSession.objects.filter(
            last_message_at__gte=moment - timedelta(days=30), last_seq__gte=FEWEST_MESSAGES, sample=None
        )
        .filter(Exists(Message.objects.filter(session=OuterRef("pk"), role=Message.Role.USER)))
        .exclude(person_id=DRILL_PERSON)
    )
    return sessions.filter(Exists(flags)), sessions.exclude(Exists(flags))


def waiting() -> QuerySet[Sample]:
    """Drawn and not decided."""
    return Sample.objects.filter(decided_at=None)


@transaction.atomic
def take_next(*, user: User) -> tuple[Sample, Access] | None:
    """One's own unfinished sample, or the next free one, with the reading written down; None where none waits.

    Raises:
        ApplicationError: forbidden.
    """
    _require_counselling(user)
    mine = waiting().filter(reviewer=user).first()
    # Whoever has read this person's words before is not blind.
    known = Access.objects.filter(actor=user, person_id=OuterRef("session__person_id"))
    free = waiting().filter(reviewer=None).exclude(Exists(known)).order_by("drawn_at", "pk")
    free = free.select_for_update(skip_locked=True, of=("self",))
    row = mine or free.first()
    if row is None:
        return None
    Sample.objects.filter(pk=row.pk).update(reviewer=user)
    access = log_access(
        actor=user,
        person_id=row.session.person_id,
        what=Access.What.TRANSCRIPT,
        object_id=row.session_id,
        reason=REASON,
    )
    return row, access


@transaction.atomic
def decide(*, user: User, sample_id: UUID, level_given: int) -> Sample:
    """Say which level the conversation had. A danger that nobody saw becomes a flag and an alert at once.

    Raises:
        ApplicationError: forbidden, not_found (not one's own, or decided), or incomplete.
    """
    _require_counselling(user)
    row = Sample.objects.select_for_update().filter(pk=sample_id, reviewer=user, decided_at=None).first()
    if row is None:
        raise ApplicationError("not_found", _("This conversation is not yours to decide, or it is decided."))
    if level_given not in Level.values:
        raise ApplicationError("incomplete", _("Say which level it was in your eyes."))
    row.level_given, row.decided_at = level_given, timezone.now()
    row.save(update_fields=["level_given", "decided_at"])
    if level_given >= Level.MODERATE and not row.is_control:
        _raise_missed(row, RiskLevel(level_given))
    return row


def _raise_missed(row: Sample, level: RiskLevel) -> None:
    """What screening missed goes the way of every flag, on the last message judged that has none."""
    words = Message.objects.filter(session_id=row.session_id, role=Message.Role.USER, seq__lte=row.last_seq)
    message = words.filter(risk_flag=None).order_by("-seq").first()
    if message is None:
        return
    language: Language = "zh" if message.language == "zh" else "en"
    assessment = RiskAssessment(level=level, kind="neutral", language=language, version="counsellor")
    safety.record_screening(
        person_id=row.session.person_id, session_id=row.session_id, message_id=message.pk, assessment=assessment
    )


def miss_rate(since: datetime, until: datetime) -> Share:
    """Share of unflagged conversations in which a reviewer found moderate risk or more."""
    decided = Sample.objects.filter(decided_at__gte=since, decided_at__lt=until, is_control=False)
    return wilson(decided.filter(level_given__gte=Level.MODERATE).count(), decided.count())


def caught_controls(since: datetime, until: datetime) -> Share:
    """Share of flagged conversations among the sample in which reviewers, reading blind, found risk too."""
    decided = Sample.objects.filter(decided_at__gte=since, decided_at__lt=until, is_control=True)
    return wilson(decided.filter(level_given__gte=Level.MODERATE).count(), decided.count())


def _require_counselling(user: User) -> None:
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can do this."))
