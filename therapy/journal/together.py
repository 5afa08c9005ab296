"""What goes together in a person's own days: rank correlations with honest intervals. Pure arithmetic, no Django.

Spearman's rank correlation with mean ranks for ties; interval by Fisher's z with the standard error of Bonett and
Wright (2000), at the number of days that neighbouring days leave as independent (Bartlett 1935: the product of the
lag-1 autocorrelations). Every pair looked at makes a find by chance likelier: the level is divided by their number.
A link is not a cause, and below 14 days nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist, fmean

FEWEST_DAYS, FEWEST_OF_EACH = 14, 5
LEVEL = 0.95
MOST_ACTIVITIES = 6


@dataclass(frozen=True, slots=True)
class Link:
    """How one thing goes with mood. `low` and `high` bound `rho` at the level corrected for all pairs looked at."""

    name: str
    is_activity: bool
    days: int
    rho: float
    low: float
    high: float

    @property
    def may_be_chance(self) -> bool:
        """Whether no link at all would fit these days as well."""
        return self.low <= 0 <= self.high

    @property
    def strength(self) -> str:
        """hardly, weak, clear or strong, by the size of `rho`."""
        size = abs(self.rho)
        return "hardly" if size < 0.1 else "weak" if size < 0.3 else "clear" if size < 0.5 else "strong"


@dataclass(frozen=True, slots=True)
class Day:
    """What is compared of one day."""

    day: date
    mood: float | None
    things: Mapping[str, float]
    activities: frozenset[str]


def links(days: Sequence[Day]) -> list[Link]:
    """Every link with enough days, the strongest first. `days` are oldest first."""
    told = [day for day in days if day.mood is not None]
    names = sorted({name for day in told for name in day.things})
    pairs = [(name, False, _pairs(told, _value(name))) for name in names]
    for tag in _activities(told):
        pairs.append((tag, True, _pairs([day for day in told if day.activities], _has(tag))))
    fit = [(name, is_activity, found) for name, is_activity, found in pairs if _is_enough(found, is_activity)]
    level = 1 - (1 - LEVEL) / max(1, len(fit))
    made = [_link(name, is_activity, found, level) for name, is_activity, found in fit]
    return sorted(made, key=lambda link: -abs(link.rho))


def _value(name: str) -> Callable[[Day], float | None]:
    return lambda day: day.things.get(name)


def _has(tag: str) -> Callable[[Day], float | None]:
    return lambda day: float(tag in day.activities)


def _activities(days: Sequence[Day]) -> list[str]:
    counts: dict[str, int] = {}
    for day in days:
        for tag in day.activities:
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts, key=lambda tag: (-counts[tag], tag))[:MOST_ACTIVITIES]


def _pairs(days: Sequence[Day], value: Callable[[Day], float | None]) -> list[tuple[float, float]]:
    return [(found, day.mood) for day in days if (found := value(day)) is not None and day.mood is not None]


def _is_enough(pairs: Sequence[tuple[float, float]], is_activity: bool) -> bool:
    """Enough days, and on both sides something that differs."""
    if len(pairs) < FEWEST_DAYS or len({x for x, _y in pairs}) < 2 or len({y for _x, y in pairs}) < 2:
        return False
    with_it = sum(x > 0 for x, _y in pairs)
    return not is_activity or min(with_it, len(pairs) - with_it) >= FEWEST_OF_EACH


def _link(name: str, is_activity: bool, pairs: Sequence[tuple[float, float]], level: float) -> Link:
    x, y = ranks([one for one, _other in pairs]), ranks([other for _one, other in pairs])
    rho = pearson(x, y)
    low, high = interval(rho, independent_days(x, y), level)
    return Link(name, is_activity, len(pairs), rho, low, high)


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            found[place] = (start + end) / 2 + 1
        start = end + 1
    return found


def pearson(x: Sequence[float], y: Sequence[float]) -> float:
    """Correlation of two series of one length; 0 where one of them never changes."""
    mean_x, mean_y = fmean(x), fmean(y)
    across = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    size = math.sqrt(sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y))
    return max(-1.0, min(1.0, across / size)) if size else 0.0


def independent_days(x: Sequence[float], y: Sequence[float]) -> float:
    """How many days count as independent where each resembles the one before; never more than there are."""
    both = max(0.0, pearson(x[:-1], x[1:])) * max(0.0, pearson(y[:-1], y[1:]))
    return max(4.0, len(x) * (1 - both) / (1 + both))


def interval(rho: float, days: float, level: float) -> tuple[float, float]:
    """Bounds of a rank correlation of `days` independent days."""
    rho = max(-0.999, min(0.999, rho))
    error = math.sqrt((1 + rho**2 / 2) / (days - 3))
    half = NormalDist().inv_cdf((1 + level) / 2) * error
    return math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
