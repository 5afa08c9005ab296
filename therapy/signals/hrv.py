"""Heart rate variability from the times between beats: RMSSD after the Task Force of ESC and NASPE (1996)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

# A beat that differs from the one before by more than a fifth is a missed or an early one (Malik's rule).
_JUMP = 0.20
SHORTEST, LONGEST = 272.0, 2000.0


@dataclass(frozen=True, slots=True)
class Successive:
    """Squared differences of neighbouring normal beats, ms²: how many and their sum. Sums of stretches add up."""

    count: int = 0
    squares: float = 0.0

    def rmssd(self) -> float | None:
        """Root mean square of successive differences in ms; None under 20 differences, which is too little to say."""
        return sqrt(self.squares / self.count) if self.count >= 20 else None


def successive(intervals: Sequence[float], *, clean: bool = True) -> Successive:
    """The differences of one unbroken stretch of beats; `clean` leaves out beats that cannot be normal ones."""
    count, squares = 0, 0.0
    for before, after in zip(intervals, intervals[1:], strict=False):
        if clean and not (_is_normal(before) and _is_normal(after) and abs(after - before) <= _JUMP * before):
            continue
        count += 1
        squares += (after - before) ** 2
    return Successive(count, squares)


def _is_normal(interval: float) -> bool:
    return SHORTEST <= interval <= LONGEST
