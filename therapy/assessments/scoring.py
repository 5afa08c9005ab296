"""Adding up: totals with reversed items, ranges, and how much of a change is more than the error of measuring.

Mathematics only. A total is what somebody's answers add up to, and never more than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from therapy.assessments.instruments import Instrument

IMPROVED, SAME, WORSE = "improved", "same", "worse"


@dataclass(frozen=True, slots=True)
class Score:
    """What complete answers add up to. `band` is the number of the range, from 0."""

    total: int
    band: int


@dataclass(frozen=True, slots=True)
class Change:
    """From one total to another. `low` and `high`: where the true change lies with 95 % certainty.

    `verdict` says what is more than the error of measuring; it says nothing about why.
    """

    before: int
    after: int
    by: int
    low: float
    high: float
    is_reliable: bool
    verdict: str
    crossed_line: bool


def is_answer(instrument: Instrument, item: int, value: int) -> bool:
    """Whether an item (from 1) has such an answer; the one after the last is the extra question."""
    if 1 <= item <= instrument.count:
        return value in instrument.values
    return instrument.extra is not None and item == instrument.count + 1 and value in instrument.extra.values


def missing(instrument: Instrument, answers: Mapping[int, int]) -> list[int]:
    """Items that count and have no answer yet."""
    return [item for item in range(1, instrument.count + 1) if item not in answers]


def score(instrument: Instrument, answers: Mapping[int, int]) -> Score:
    """Add up complete answers.

    Raises:
        ValueError: an item has no answer, or one it cannot have.
    """
    total, top, bottom = 0, max(instrument.values), min(instrument.values)
    for item in range(1, instrument.count + 1):
        value = answers.get(item)
        if value is None or value not in instrument.values:
            raise ValueError(f"{instrument.id}: item {item} has no such answer")
        total += top + bottom - value if item in instrument.reversed else value
    total *= instrument.step if instrument.scale == "percent" else 1
    return Score(total, instrument.band_of(total).number)


def change(instrument: Instrument, before: int, after: int) -> Change:
    """Compare two totals of the same instrument."""
    by = after - before
    is_reliable = abs(by) >= instrument.reliable
    is_worse = (by > 0) == instrument.is_more_worse
    verdict = SAME if not is_reliable else WORSE if is_worse else IMPROVED
    return Change(
        before=before,
        after=after,
        by=by,
        low=round(by - instrument.margin, 1),
        high=round(by + instrument.margin, 1),
        is_reliable=is_reliable,
        verdict=verdict,
        crossed_line=verdict == IMPROVED and not is_beyond(instrument, after) and is_beyond(instrument, before),
    )


def is_beyond(instrument: Instrument, total: int) -> bool:
    """Whether a total lies on the heavier side of the instrument's line; never where it has none."""
    if instrument.line is None:
        return False
    return total >= instrument.line if instrument.is_more_worse else total < instrument.line
