"""The worked example: a morning in which mail and documents hold somebody, and what a breath and a walk change.

Simulated throughout and told so; nothing is stored and nobody's data is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from ml.attention import features
from therapy.signals import belief
from therapy.signals.belief import Kept
from therapy.signals.kinds import KINDS
from therapy.signals.reading import Measured
from therapy.signals.selectors import StateView, view_of
from therapy.signals.windows import WINDOW, Sums, stacked, sum_up

_START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
_USUAL: Mapping[str, float] = {
    "heart_rate": 68,
    "hrv_rmssd": 38,
    "click_rate": 14,
    "screen_minutes": 7.5,
    "typing_interval": 190,
    "typing_variation": 0.45,
    "pause_share": 0.22,
    "focus_changes": 2.5,
}
_SPREAD: Mapping[str, float] = {"heart_rate": 2.0, "hrv_rmssd": 3.0, "click_rate": 1.5, "focus_changes": 0.4}
_WEIGHS = {"mail": 1.0, "documents": 1.0, "people": 0.2, "news": 0.1, "games": 0.0}


def moments() -> Iterator[tuple[str, StateView]]:
    """Three readings: an ordinary morning, the stretch with mail and documents, after breathing and a walk."""
    kept = _person()
    days = _day()
    for title, at, said in (
        (_("10:00. An ordinary morning."), _at(10, 0), {}),
        (_("11:30. A hard mail came, then a document. Heart up, clicks and screen time down."), _at(11, 30), {}),
        (_("12:10. After slow breathing, a short walk and a talk."), _at(12, 10), {"a": 0.3, "e": 0.35, "r": 0.1}),
    ):
        seen = {start: sums for start, sums in days.items() if start <= at}
        if said:
            kept = belief.with_report(kept, said, at)
        yield title, view_of(kept, belief.now(kept, seen, at, ZoneInfo("UTC")))


def _at(hour: int, minute: int) -> datetime:
    return _START.replace(hour=hour, minute=minute)


def _person() -> Kept:
    """Somebody whose usual is known and on whom mail and documents weigh."""
    rng = np.random.default_rng(1)
    past = [_window(_START - timedelta(days=1) + WINDOW * step, rng, {}, "web") for step in range(60)]
    baseline = features.usual(stacked(past).channels)
    usual = (tuple(map(float, baseline.mean)), tuple(map(float, baseline.spread)))
    return Kept(weighs=_WEIGHS, usual=usual, usual_at=_START)


def _day() -> dict[datetime, Sums]:
    """Windows from six in the morning until after noon."""
    rng = np.random.default_rng(2)
    found = {}
    at = _START
    while at <= _at(12, 10):
        found[at] = _window(at, rng, _change(at), _app(at))
        at += WINDOW
    return found


def _change(at: datetime) -> Mapping[str, float]:
    """What is different from the usual at a time, in natural units."""
    if _at(11, 0) <= at < _at(11, 35):
        return {
            "heart_rate": 12,
            "hrv_rmssd": -9,
            "click_rate": -6,
            "screen_minutes": -2.2,
            "typing_interval": 18,
            "pause_share": 0.12,
            "focus_changes": -1.6,
        }
    if at >= _at(11, 40):
        return {"heart_rate": -1, "hrv_rmssd": 3}
    return {}


def _app(at: datetime) -> str:
    if _at(11, 0) <= at < _at(11, 35):
        return "mail" if at < _at(11, 20) else "documents"
    return ("web", "other", "documents", "social", "other", "mail")[at.minute // 10]


def _window(at: datetime, rng: np.random.Generator, change: Mapping[str, float], app: str) -> Sums:
    rows = []
    for name, usual in _USUAL.items():
        value = usual + change.get(name, 0.0) + float(rng.normal(0, _SPREAD.get(name, 0.06 * usual)))
        rows.append(Measured(0, KINDS[name], at, at, max(0.0, value)))
    held = 8 if change.get("focus_changes") else 4
    rows += [Measured(0, KINDS["app_focus"], at, at, app) for _one in range(held)]
    rows += [Measured(0, KINDS["app_focus"], at, at, other) for other in ("web", "other")]
    return sum_up(rows)[at]
