"""What repeating a test explains by itself: a control curve from simulated people who practise nothing but the test.

Each simulated person has an own level, learns by a power law over sessions (Newell and Rosenbloom 1981) with an own
rate, and varies from day to day so that two sessions agree as far as the literature finds (retest reliability). Sizes
of learning follow meta-analyses of retesting (Hausknecht et al. 2007; Scharfen et al. 2018: about a quarter of a
standard deviation at the first repetition, less with alternate forms). These numbers are assumptions from memory of
those papers, not measurements of ours: data of people who repeat our tests without practising must replace them.
"""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass
from functools import lru_cache

from ml.cognition.scoring import Score

PEOPLE, SESSIONS, SEED = 4000, 12, 2026
# 80 in 100 control persons lie within so many standard deviations.
WITHIN = 1.2816


@dataclass(frozen=True, slots=True)
class Norm:
    """Assumptions for one test: spread between people, gain of all repetition in those units, its rate, retest
    reliability. `sign`: -1 where lower values are what practice brings."""

    spread: float
    gain: float
    rate: float
    reliability: float
    sign: int


NORMS: dict[str, Norm] = {
    "reaction": Norm(spread=38.0, gain=0.25, rate=0.7, reliability=0.80, sign=-1),
    "choice": Norm(spread=55.0, gain=0.45, rate=0.6, reliability=0.80, sign=-1),
    "flanker": Norm(spread=60.0, gain=0.50, rate=0.6, reliability=0.82, sign=-1),
    "sart": Norm(spread=0.20, gain=0.30, rate=0.6, reliability=0.70, sign=-1),
    "nback": Norm(spread=0.90, gain=0.70, rate=0.5, reliability=0.70, sign=1),
    "span": Norm(spread=1.20, gain=0.25, rate=0.6, reliability=0.75, sign=1),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """Change of a control person between two sessions: the middle, and the range of 80 in 100."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A change beside what repetition explains. `place`: within, better or worse than that range, for any cause."""

    change: float
    expected: Expected
    place: str


@lru_cache(maxsize=len(NORMS))
def curve(kind: str) -> tuple[tuple[float, ...], float]:
    """Mean of the simulated controls at each session (first is 0), and the spread of a change between two sessions."""
    norm = NORMS[kind]
    chance = random.Random(f"{SEED}:{kind}")  # noqa: S311 - a simulation
    # Two sessions of one person correlate with the reliability: var(level) / (var(level) + var(day)).
    day = norm.spread * (1 / norm.reliability - 1) ** 0.5
    sums = [0.0] * SESSIONS
    changes = []
    for _ in range(PEOPLE):
        gain = norm.spread * norm.gain * chance.lognormvariate(-0.125, 0.5)
        rate = norm.rate * chance.lognormvariate(0, 0.3)
        runs = [gain * (1 - (session + 1) ** -rate) + chance.gauss(0, day) for session in range(SESSIONS)]
        sums = [total + run for total, run in zip(sums, runs, strict=True)]
        changes.append(runs[1] - runs[0])
    means = [total / PEOPLE for total in sums]
    return tuple(norm.sign * (mean - means[0]) for mean in means), statistics.pstdev(changes)


def expected(kind: str, earlier: int, later: int) -> Expected:
    """What a control person changes from session `earlier` to `later` (counted from 1); beyond the last, as at it.

    Raises:
        ValueError: the sessions are not in order.
    """
    if not 1 <= earlier < later:
        raise ValueError("sessions are counted from 1, the earlier one first")
    means, spread = curve(kind)
    middle = means[min(later, SESSIONS) - 1] - means[min(earlier, SESSIONS) - 1]
    return Expected(middle, middle - WITHIN * spread, middle + WITHIN * spread)


def compare(before: Score, after: Score, *, earlier: int, later: int) -> Comparison | None:
    """The change of the main value beside what repetition explains; None where one of the two is not usable."""
    if before.kind != after.kind or not (before.is_usable and after.is_usable):
        return None
    change = after.values[after.main] - before.values[before.main]
    found = expected(before.kind, earlier, later)
    if found.low <= change <= found.high:
        return Comparison(change, found, "within")
    is_better = (change > found.high) == (NORMS[before.kind].sign > 0)
    return Comparison(change, found, "better" if is_better else "worse")
