"""The pictures of one person on one time line, as plain values: totals, plan versions, practice; mood and sleep.

Reads the common store, so it knows no other app's tables but the plans'. Ten thousand measurements in a fraction of a
second: one query, one cipher, thinned before they leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from therapy.assessments.charts import bands_of
from therapy.assessments.instruments import Instrument
from therapy.observations import selectors as observations
from therapy.observations.selectors import Point
from therapy.plans.selectors import versions_of
from therapy.progress.thinning import thin

# What is marked below the totals; five years of daily practice would be a black bar.
MOST_MARKS = 400
DAYS = timedelta(days=1)


def case(person_id: UUID, instrument: Instrument, language: str) -> dict[str, Any] | None:
    """The single-case picture of one questionnaire: totals, with plan versions and practice on the same time line."""
    kind = f"score.{instrument.id}"
    found = observations.series(person_id, [kind, "practice"])
    totals = thin(_numbers(found[kind], "total"))
    if not totals:
        return None
    name = instrument.text(language).name
    return {
        "label": _("{name} with your plan and your practice; “All values” says the same as a table").format(name=name),
        "x": [at for at, _value in totals],
        "series": [{"label": name, "values": [value for _at, value in totals], "style": "line"}],
        "y": {"min": instrument.lowest, "max": instrument.highest},
        "bands": bands_of(instrument, language),
        "marks": [*_plan_marks(person_id), *_practice_marks(found["practice"])],
        "day": _("Day"),
    }


def _plan_marks(person_id: UUID) -> list[dict[str, Any]]:
    return [
        {"x": _seconds(row.drafted_at), "label": _("plan {version}").format(version=row.version), "kind": "plan"}
        for row in versions_of(person_id)
        if row.drafted_at is not None
    ]


def _practice_marks(points: Sequence[Point]) -> list[dict[str, Any]]:
    days = sorted({_seconds(point.at) // 86400 * 86400 for point in points})[-MOST_MARKS:]
    return [{"x": day, "label": "", "kind": "practice"} for day in days]


def diary(person_id: UUID, *, now: datetime | None = None) -> dict[str, Any] | None:
    """Mood and sleep of the last years, where the person keeps them: two scales on one time line."""
    since = (now or timezone.now()) - timedelta(days=5 * 366)
    found = observations.series(person_id, ["mood", "sleep"], since=since)
    mood = thin(_numbers(found["mood"], "valence"))
    sleep = thin(_numbers(found["sleep"], "hours"))
    if not mood and not sleep:
        return None
    times = sorted({at for at, _value in (*mood, *sleep)})
    moods, sleeps = dict(mood), dict(sleep)
    series: list[dict[str, Any]] = []
    if mood:
        series.append({"label": _("mood"), "values": [moods.get(at) for at in times], "style": "line"})
    if sleep:
        hours = [sleeps.get(at) for at in times]
        series.append({"label": _("hours of sleep"), "values": hours, "style": "dots", "scale": "hours"})
    highest = max((abs(value) for _at, value in mood), default=1.0)
    return {
        "label": _("Mood and sleep over time"),
        "x": times,
        "series": series,
        # A diary may count mood from -1 to 1 or in larger steps; the picture is as high as what is in it.
        "y": {"min": -max(1.0, highest), "max": max(1.0, highest)},
        "scales": {"hours": {"min": 0, "max": 14}},
        "bands": [],
        "marks": _plan_marks(person_id),
        "day": _("Day"),
    }


def _numbers(points: Sequence[Point], key: str) -> list[tuple[int, float]]:
    return [(_seconds(at), value) for at, payload in points if isinstance(value := _value(payload, key), int | float)]


def _value(payload: Mapping[str, Any], key: str) -> object:
    return payload.get(key)


def _seconds(at: datetime) -> int:
    return round(at.timestamp())
