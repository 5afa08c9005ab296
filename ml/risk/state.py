"""Risk state of a person over time: rises at once, decays slowly, never by a retraction. Pure functions of time.

After high or imminent the state stays at least moderate for 24 hours unless a human clears it (CR-03).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ml.types import RiskLevel

# How long a level is held before it may fall by one step.
HOLD = {
    RiskLevel.IMMINENT: timedelta(hours=2),
    RiskLevel.HIGH: timedelta(hours=2),
    RiskLevel.MODERATE: timedelta(hours=24),
    RiskLevel.LOW: timedelta(hours=24),
}
FLOOR_HOURS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RiskState:
    """`level` counts now, `peak` is the highest since it was last none, `raised_at` when `level` was last confirmed."""

    level: RiskLevel = RiskLevel.NONE
    peak: RiskLevel = RiskLevel.NONE
    raised_at: datetime | None = None


def decayed(state: RiskState, now: datetime) -> RiskState:
    """The state after the time that passed: one step down per hold time, not below moderate for 24 h after high."""
    while state.level > RiskLevel.NONE and state.raised_at is not None:
        falls_at = state.raised_at + HOLD[state.level]
        if now < falls_at:
            return state
        state = replace(state, level=RiskLevel(state.level - 1), raised_at=falls_at)
    return RiskState()


def advance(state: RiskState, level: RiskLevel, now: datetime) -> RiskState:
    """Take one assessed message into the state."""
    state = decayed(state, now)
    if level >= state.level and level > RiskLevel.NONE:
        return RiskState(level=level, peak=max(state.peak, level), raised_at=now)
    return state


def lower_one_step(state: RiskState, now: datetime) -> RiskState:
    """The person says it was not meant so: at most one step down, and not below moderate after high."""
    state = decayed(state, now)
    floor = RiskLevel.MODERATE if state.peak >= RiskLevel.HIGH else RiskLevel.NONE
    lowered = RiskLevel(max(state.level - 1, min(floor, state.level), 0))
    return replace(state, level=lowered)


def clear(state: RiskState, now: datetime) -> RiskState:
    """A human looked and let it go."""
    return RiskState()
