"""Mood and sleep over time as geometry in a box of 100 by 100: no markup, no judgement, no gap filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from statistics import fmean

from therapy.journal.selectors import DayNumbers

# Up to here each day is a point; beyond, each week.
MOST_DAYS_SINGLY = 120
MOST_HOURS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One day, or one week by its Monday: what was told, and where it stands. Places are None where nothing was."""

    day: date
    is_week: bool
    valence: float | None
    sleep_hours: float | None
    x: float
    mood_y: float | None
    sleep_y: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Both pictures over the same days. A line joins points no more than a week (or three weeks) apart."""

    points: tuple[Point, ...]
    first: date
    last: date
    is_weekly: bool
    mood_path: str
    sleep_path: str


def draw(days: Sequence[DayNumbers], *, first: date, last: date) -> Chart:
    """The picture of these days, oldest first."""
    is_weekly = (last - first).days > MOST_DAYS_SINGLY
    groups = (
        [(monday, list(rows)) for monday, rows in groupby(days, key=_monday)]
        if is_weekly
        else [(day.day, [day]) for day in days]
    )
    span = max(1, (last - first).days)
    points = tuple(_point(day, rows, is_weekly, first, span) for day, rows in groups)
    return Chart(points, first, last, is_weekly, _path(points, "mood_y"), _path(points, "sleep_y"))


def _monday(day: DayNumbers) -> date:
    return day.day - timedelta(days=day.day.weekday())


def _point(day: date, rows: Sequence[DayNumbers], is_week: bool, first: date, span: int) -> Point:
    valences = [row.valence for row in rows if row.valence is not None]
    hours = [row.sleep_hours for row in rows if row.sleep_hours is not None]
    valence = round(fmean(valences), 2) if valences else None
    slept = round(fmean(hours), 1) if hours else None
    x = max(0.0, min(1.0, (day - first).days / span))
    return Point(
        day=day,
        is_week=is_week,
        valence=valence,
        sleep_hours=slept,
        x=round(2 + 96 * x, 2),
        mood_y=None if valence is None else round(50 - 23 * valence, 2),
        sleep_y=None if slept is None else round(96 - 92 * min(slept, MOST_HOURS) / MOST_HOURS, 2),
    )


def _path(points: Sequence[Point], place: str) -> str:
    """Straight lines between neighbours; a long silence is a gap, not a line."""
    longest = timedelta(days=21 if points and points[0].is_week else 7)
    parts, before = [], None
    for point in points:
        y = getattr(point, place)
        if y is None:
            continue
        parts.append(f"{'L' if before is not None and point.day - before <= longest else 'M'}{point.x} {y}")
        before = point.day
    return " ".join(parts)
