"""Risk of a session or person over time: rises at once, falls slowly, never by a joke. Pure; the caller stores it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ml.types import RiskLevel

# CR-03: after high nothing but a person brings the level below moderate for a day.
HOLD_AFTER_HIGH = timedelta(hours=24)
# Quiet time after which a level falls one step. A new message at or above the level starts it anew.
QUIET = {
    RiskLevel.IMMINENT: timedelta(hours=4),
    RiskLevel.HIGH: timedelta(hours=12),
    RiskLevel.MODERATE: timedelta(hours=24),
    RiskLevel.LOW: timedelta(hours=72),
}


@dataclass(frozen=True, slots=True)
class RiskState:
    """`level` as of `seen_at`; `raised_at` when the present level was reached or met again.

    `high_at` is the last time the level was high or more and no human has cleared it since.
    """

    level: RiskLevel = RiskLevel.NONE
    raised_at: datetime | None = None
    seen_at: datetime | None = None
    high_at: datetime | None = None

    def level_at(self, now: datetime) -> RiskLevel:
        """Level after decay at `now`, without a new message."""
        return decay(self, now).level


def advance(state: RiskState, assessment_level: RiskLevel, now: datetime) -> RiskState:
    """State after a message of this level: the higher of the decayed state and the message."""
    current = decay(state, now)
    high_at = _later(current.high_at, now) if assessment_level >= RiskLevel.HIGH else current.high_at
    if assessment_level >= current.level and assessment_level > RiskLevel.NONE:
        return RiskState(assessment_level, now, now, high_at)
    return replace(current, seen_at=now, high_at=high_at)


def decay(state: RiskState, now: datetime) -> RiskState:
    """Let quiet time lower the level step by step, not below the 24-hour hold. Clock turned back: no change."""
    level, since = state.level, state.raised_at
    while level > RiskLevel.NONE and since is not None and now - since >= QUIET[level]:
        since += QUIET[level]
        level = RiskLevel(level - 1)
    if level < RiskLevel.MODERATE <= state.level and is_held(state, now):
        level, since = RiskLevel.MODERATE, state.high_at
    if level == state.level:
        return state
    return replace(state, level=level, raised_at=since)


def is_held(state: RiskState, now: datetime) -> bool:
    """True while the day after high lasts and no human has cleared it."""
    return state.high_at is not None and now - state.high_at < HOLD_AFTER_HIGH


def lower_one_step(state: RiskState, now: datetime) -> RiskState:
    """CR-16, "that's not what I meant": one step down at most, not below moderate in the day after high."""
    current = decay(state, now)
    floor = RiskLevel.MODERATE if is_held(current, now) else RiskLevel.NONE
    lowered = max(RiskLevel(max(current.level - 1, RiskLevel.NONE)), min(floor, current.level))
    return replace(current, level=lowered, raised_at=now, seen_at=now)


def clear(state: RiskState, now: datetime) -> RiskState:
    """A counsellor has seen the person and says the danger is over: the only way to forget a high."""
    return RiskState(RiskLevel.NONE, None, now, None)


def _later(first: datetime | None, second: datetime) -> datetime:
    return second if first is None else max(first, second)
