"""The whole programme in figures, for staff: only people who agreed, only where at least 20 are in it, no words.

Improved, unchanged and worse go by the reliable change of each questionnaire. Nobody is compared with people who did
not take part, so that no figure says what caused a change.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import Consent
from therapy.assessments import instruments, scoring
from therapy.assessments.instruments import Instrument
from therapy.assessments.models import Assessment
from therapy.assessments.selectors import results
from therapy.progress.models import Satisfaction

FEWEST = 20
# A group of so few is named as "fewer than 5", and the others are rounded, so that nobody is subtracted out.
SMALL = 5
FOLLOWED_FOR = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Part:
    """How many of how many, as it may be shown. `low` and `high`: Wilson's interval of the share in percent."""

    text: str
    percent: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """One questionnaire over all people who agreed. Empty parts where there are too few."""

    instrument: Instrument
    people: str
    is_shown: bool
    improved: Part | None = None
    same: Part | None = None
    worse: Part | None = None
    below_line: Part | None = None
    median_change: float | None = None
    dropout: Part | None = None


@dataclass(frozen=True, slots=True)
class Contentment:
    """How content people are, each person's latest answer."""

    people: str
    is_shown: bool
    mean: float | None = None
    content: Part | None = None


def figures(*, now: datetime | None = None) -> list[Figures]:
    """Every questionnaire on offer."""
    agreed = people_who_agreed()
    return [_figures(instrument, agreed, now or timezone.now()) for instrument in instruments.offered()]


def people_who_agreed() -> set[UUID]:
    """Those whose latest decision about the figures is a yes."""
    newest = Consent.objects.filter(person=OuterRef("person"), purpose=Consent.Purpose.OUTCOMES)
    rows = Consent.objects.filter(purpose=Consent.Purpose.OUTCOMES, granted=True)
    latest = rows.filter(pk=Subquery(newest.order_by("-decided_at").values("pk")[:1]))
    return set(latest.values_list("person_id", flat=True))


def _figures(instrument: Instrument, agreed: set[UUID], now: datetime) -> Figures:
    rows = Assessment.objects.filter(instrument=instrument.id, state=Assessment.State.DONE, person_id__in=agreed)
    begun = set(rows.values_list("person_id", flat=True))
    changes, stayed, could_stay = [], 0, 0
    for person_id in begun:
        held = results(person_id, instrument.id)
        if len(held) > 1:
            changes.append(scoring.change(instrument, held[0].score.total, held[-1].score.total))
        if held[0].done_at <= now - FOLLOWED_FOR:
            could_stay += 1
            stayed += len(held) > 1
    dropout = part(could_stay - stayed, could_stay) if could_stay >= FEWEST else None
    if len(changes) < FEWEST:
        return Figures(instrument, f"< {FEWEST}", is_shown=False, dropout=dropout)
    verdicts = Counter(change.verdict for change in changes)
    count = len(changes)
    values = sorted(change.by for change in changes)
    return Figures(
        instrument,
        _people(count, verdicts.values()),
        is_shown=True,
        improved=part(verdicts[scoring.IMPROVED], count),
        same=part(verdicts[scoring.SAME], count),
        worse=part(verdicts[scoring.WORSE], count),
        below_line=part(sum(change.crossed_line for change in changes), count) if instrument.line else None,
        median_change=(values[(count - 1) // 2] + values[count // 2]) / 2,
        dropout=dropout,
    )


def contentment() -> Contentment:
    """How content people are who agreed to be counted."""
    latest: dict[UUID, int] = {}
    rows = Satisfaction.objects.filter(person_id__in=people_who_agreed(), score__isnull=False).order_by("at")
    for person_id, score in rows.values_list("person_id", "score"):
        latest[person_id] = int(score or 0)
    count = len(latest)
    if count < FEWEST:
        return Contentment(f"< {FEWEST}", is_shown=False)
    content = sum(score >= 4 for score in latest.values())
    return Contentment(
        _people(count, [content, count - content]), True, round(sum(latest.values()) / count, 1), part(content, count)
    )


def part(hits: int, of: int) -> Part:
    """A share as it may be shown: a handful of people is not counted out."""
    if 0 < hits < SMALL or 0 < of - hits < SMALL:
        few = f"< {SMALL}" if hits < SMALL else f"> {math.floor(100 * (of - SMALL) / of)} %"
        return Part(few, None, None, None)
    low, high = _wilson(hits, of)
    percent = round(100 * hits / of)
    return Part(f"{percent} %", percent, low, high)


def _people(count: int, groups: Iterable[int]) -> str:
    """The number of people; rounded down to fives where a small group could be worked out from it."""
    if any(0 < group < SMALL for group in groups):
        return f"≥ {count // 5 * 5}"
    return str(count)


def _wilson(hits: int, of: int) -> tuple[int, int]:
    """The range in which the true share lies with 95 % certainty, in percent."""
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return round(100 * max(0.0, middle - half)), round(100 * min(1.0, middle + half))
