"""The state of a person as it is kept, and as it is now: their own word remembered, today's signals read afresh.

Only what a person said of themselves is carried on in the filter. The model looks at eight hours of windows each time,
so its reading is evidence of the present, laid over the prediction and not kept: nothing is counted twice.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from accounts import keys
from accounts.crypto import Binding
from ml.attention import features, session
from ml.attention.session import AttentionReading
from ml.state import evidence
from ml.state import filter as state_filter
from ml.state.filter import AXES, Belief
from therapy.signals import windows
from therapy.signals.models import PersonState
from therapy.signals.windows import WINDOW, Sums

logger = logging.getLogger(__name__)

IDEAL = {"a": 0.4, "e": 0.4, "r": 0.3}
_BASELINE_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a person's state between two moments. `usual`: mean and spread of each channel."""

    belief: Belief | None = None
    said: Mapping[str, float] = field(default_factory=dict)
    said_at: datetime | None = None
    ideal: Mapping[str, float] = field(default_factory=lambda: dict(IDEAL))
    weighs: Mapping[str, float] = field(default_factory=dict)
    usual: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    usual_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """The state at a moment, what it was an hour before as far as the model knows, and what it was read from."""

    belief: Belief
    change: float | None
    reading: AttentionReading | None
    x: features.Array | None
    start: datetime


def binding(row: PersonState) -> Binding:
    """Where a sealed state belongs."""
    return Binding("signals_personstate", "body_sealed", row.person_id, row.person_id)


def opened(row: PersonState | None) -> Kept:
    """The kept state; a fresh one where there is none."""
    if row is None or row.body_sealed is None:
        return Kept()
    body = json.loads(keys.unseal_text(row.body_sealed, binding(row), row.person_id))
    mean = body["belief"]
    usual = body["usual"]
    return Kept(
        belief=Belief(np.array(mean["mean"]), np.array(mean["cov"]), mean["at"]) if mean else None,
        said=body["said"],
        said_at=_time(body["said_at"]),
        ideal=body["ideal"],
        weighs=body["weighs"],
        usual=(tuple(usual[0]), tuple(usual[1])) if usual else None,
        usual_at=_time(body["usual_at"]),
    )


def sealed(row: PersonState, kept: Kept) -> bytes:
    """The kept state for its column."""
    belief = kept.belief
    body: dict[str, Any] = {
        "belief": {"mean": belief.mean.tolist(), "cov": belief.covariance.tolist(), "at": belief.at}
        if belief
        else None,
        "said": dict(kept.said),
        "said_at": kept.said_at.isoformat() if kept.said_at else None,
        "ideal": dict(kept.ideal),
        "weighs": dict(kept.weighs),
        "usual": kept.usual,
        "usual_at": kept.usual_at.isoformat() if kept.usual_at else None,
    }
    return keys.seal_text(json.dumps(body), binding(row), row.person_id)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def with_report(kept: Kept, values: Mapping[str, float], at: datetime) -> Kept:
    """The kept state after the person said how they are."""
    seconds = at.timestamp()
    before = state_filter.predict(kept.belief or state_filter.stranger(seconds), seconds)
    belief = state_filter.update(before, evidence.said(values))
    said = {**(kept.said if kept.said_at and at - kept.said_at < timedelta(minutes=30) else {}), **values}
    return _replaced(kept, belief=belief, said=said, said_at=at)


def needs_usual(kept: Kept, now: datetime) -> bool:
    """Whether the person's usual should be reckoned again."""
    return kept.usual_at is None or now - kept.usual_at > _BASELINE_AGE


def with_usual(kept: Kept, person_id: UUID, now: datetime) -> Kept:
    """The person's usual from the windows of two weeks that are at least two hours old."""
    past = windows.between(person_id, now - timedelta(days=14), now - timedelta(hours=2))
    if not past:
        return _replaced(kept, usual=None, usual_at=now)
    baseline = features.usual(windows.stacked(list(past.values())).channels)
    usual = (tuple(map(float, baseline.mean)), tuple(map(float, baseline.spread)))
    return _replaced(kept, usual=usual, usual_at=now)


def inputs(
    kept: Kept, recent: Mapping[datetime, Sums], at: datetime, zone: ZoneInfo
) -> tuple[features.Array, features.Array, npt.NDArray[np.bool_]] | None:
    """x, y and mask of the model at a time; None where the person's usual or every window is unknown."""
    sums = _in_order(recent, at)
    if kept.usual is None or not any(sums):
        return None
    baseline = features.Baseline(*(np.array(part, dtype=np.float32) for part in kept.usual))
    x, mask = features.read_windows(windows.stacked(sums), baseline)
    return x, features.read_indicators(_indicators(kept, at, zone)), mask


def now(kept: Kept, recent: Mapping[datetime, Sums], at: datetime, zone: ZoneInfo) -> Now:
    """The state at `at` from what is kept and the windows of the last eight hours."""
    start = windows.start_of(at) - WINDOW * (features.WINDOWS - 1)
    belief = state_filter.predict(kept.belief or state_filter.stranger(at.timestamp()), at.timestamp())
    read = inputs(kept, recent, at, zone)
    reading = _reading(*read) if read is not None and read[2].any() else None
    if read is None or reading is None:
        return Now(belief, None, None, read[0] if read else None, start)
    found = evidence.modelled(reading.state.tolist(), reading.variance.tolist())
    for name, deviation in _live(read[0][-2:]).items():
        found += evidence.signal(name, deviation)
    belief = state_filter.update(belief, found)
    ideal = np.array([kept.ideal[name] for name in AXES])
    before = np.clip(belief.mean - reading.change, -1, 1)
    change = state_filter.distance(belief.mean, ideal) - state_filter.distance(before, ideal)
    return Now(belief, change, reading, read[0], start)


def _in_order(recent: Mapping[datetime, Sums], at: datetime) -> list[Sums | None]:
    start = windows.start_of(at) - WINDOW * (features.WINDOWS - 1)
    return [recent.get(start + WINDOW * step) for step in range(features.WINDOWS)]


def _reading(x: features.Array, y: features.Array, mask: npt.NDArray[np.bool_]) -> AttentionReading | None:
    """The model's reading; without its files the filter goes on with what the person says."""
    try:
        return session.load().read(x, y, mask)
    except session.AttentionError as error:
        logger.error("the attention model cannot be used: %s", error)
        return None


def _live(x: features.Array) -> dict[str, float]:
    """The newest deviation of each signal that the filter knows, in spreads; x [2, D] holds halves of them."""
    found = {}
    for name in evidence.SIGNALS:
        column = features.X_NAMES.index(name)
        seen = [float(value) for value in x[:, column] if value != 0.0]
        if seen:
            found[name] = 2.0 * seen[-1]
    return found


def _indicators(kept: Kept, at: datetime, zone: ZoneInfo) -> features.Indicators:
    local = at.astimezone(zone)
    ago = (at - kept.said_at).total_seconds() / 3600.0 if kept.said_at else np.nan
    fresh = bool(kept.said_at) and ago < 12
    return features.Indicators(
        weighs=np.array([kept.weighs.get(name, 0.5) for name in features.LOADS], dtype=np.float32),
        said=np.array([kept.said.get(name, np.nan) if fresh else np.nan for name in AXES], dtype=np.float32),
        said_hours=np.float32(ago if fresh else 0.0),  # type: ignore[arg-type]
        hour=np.float32(local.hour + local.minute / 60.0),  # type: ignore[arg-type]
        sleep=np.float32(np.nan),  # type: ignore[arg-type]
    )


def _replaced(kept: Kept, **changes: Any) -> Kept:
    return replace(kept, **changes)
