"""The state of a person: rises at once, falls slowly, held for a day after high, cleared by people only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ml.risk import RiskState, advance, clear, lower_one_step
from ml.types import RiskLevel

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEVELS = st.sampled_from(list(RiskLevel))
STEPS = st.lists(st.tuples(LEVELS, st.timedeltas(timedelta(0), timedelta(hours=30))), max_size=20)


def walk(steps: list[tuple[RiskLevel, timedelta]]) -> tuple[RiskState, datetime]:
    state, now = RiskState(), NOW
    for level, pause in steps:
        now += pause
        state = advance(state, level, now)
    return state, now


@given(STEPS, LEVELS)
def test_never_below_the_message_just_read(steps: list[tuple[RiskLevel, timedelta]], level: RiskLevel) -> None:
    state, now = walk(steps)
    assert advance(state, level, now).level >= level


@given(STEPS, LEVELS, st.timedeltas(timedelta(0), timedelta(hours=23, minutes=59)))
def test_moderate_for_a_day_after_high(
    steps: list[tuple[RiskLevel, timedelta]], last: RiskLevel, pause: timedelta
) -> None:
    state, now = walk(steps)
    state = advance(state, RiskLevel.HIGH, now)
    later = advance(lower_one_step(advance(state, RiskLevel.NONE, now), now + pause), last, now + pause)
    assert later.level >= RiskLevel.MODERATE


@given(STEPS, st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_quiet_time_only_lowers(steps: list[tuple[RiskLevel, timedelta]], first: timedelta, more: timedelta) -> None:
    state, now = walk(steps)
    assert state.level_at(now + first + more) <= state.level_at(now + first) <= state.level


@given(STEPS)
def test_lowering_takes_one_step_at_most(steps: list[tuple[RiskLevel, timedelta]]) -> None:
    state, now = walk(steps)
    lowered = lower_one_step(state, now).level
    assert state.level_at(now) - 1 <= lowered <= state.level_at(now)


@given(STEPS)
def test_weeks_of_quiet_end_at_none(steps: list[tuple[RiskLevel, timedelta]]) -> None:
    state, now = walk(steps)
    assert state.level_at(now + timedelta(days=30)) == RiskLevel.NONE


def test_human_clears_and_the_day_is_over() -> None:
    state = advance(RiskState(), RiskLevel.IMMINENT, NOW)
    cleared = clear(state, NOW + timedelta(hours=1))
    assert cleared.level == RiskLevel.NONE
    assert advance(cleared, RiskLevel.NONE, NOW + timedelta(hours=2)).level == RiskLevel.NONE


def test_a_joke_changes_nothing() -> None:
    state = advance(RiskState(), RiskLevel.HIGH, NOW)
    assert advance(state, RiskLevel.NONE, NOW + timedelta(minutes=1)).level == RiskLevel.HIGH


def test_clock_turned_back_is_harmless() -> None:
    state = advance(RiskState(), RiskLevel.HIGH, NOW)
    assert advance(state, RiskLevel.LOW, NOW - timedelta(days=3)).level == RiskLevel.HIGH
