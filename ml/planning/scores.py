"""What totals of questionnaires say to a plan: which problems weigh more, and what moved by more than noise.

Thresholds and their sources stand in `data/scores.toml`. A score weighs needs; it never names an illness.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ml.planning.inputs import ScoreSeen

_FILE = Path(__file__).resolve().parent / "data" / "scores.toml"
# An older score says little about today.
COUNTS_FOR_DAYS = 60
RISE_ADDS = 0.3


@dataclass(frozen=True, slots=True)
class Instrument:
    """How one questionnaire is read. `sign` is 1 where more is heavier, else -1."""

    name: str
    sign: int
    mild: int
    marked: int
    reliable: int
    severe: int | None
    problems: Mapping[str, float]

    def strength(self, total: int) -> float:
        """0 for light, a half for mild, 1 for marked."""
        weight = self.sign * total
        return 1.0 if weight >= self.sign * self.marked else 0.5 if weight >= self.sign * self.mild else 0.0

    def is_worse(self, change: int | None) -> bool:
        """Whether the change is heavier by more than noise."""
        return change is not None and self.sign * change >= self.reliable

    def is_better(self, change: int | None) -> bool:
        """Whether the change is lighter by more than noise."""
        return change is not None and self.sign * change <= -self.reliable


@lru_cache(maxsize=1)
def instruments() -> Mapping[str, Instrument]:
    """Every questionnaire by its key."""
    return {key: _instrument(row) for key, row in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()}


def _instrument(row: Mapping[str, Any]) -> Instrument:
    sign = 1 if row["heavier"] == "up" else -1
    return Instrument(
        row["name"], sign, row["mild"], row["marked"], row["reliable"], row.get("severe"), row["problems"]
    )


def counting(scores: Iterable[ScoreSeen]) -> list[tuple[ScoreSeen, Instrument]]:
    """The newest score of each known questionnaire, if it is not too old."""
    newest: dict[str, ScoreSeen] = {}
    for score in sorted(scores, key=lambda one: (-one.days_ago, one.total)):
        newest[score.instrument] = score
    known = instruments()
    rows = [(score, known[key]) for key, score in sorted(newest.items()) if key in known]
    return [row for row in rows if row[0].days_ago <= COUNTS_FOR_DAYS]


def votes(scores: Iterable[ScoreSeen]) -> list[tuple[str, float]]:
    """Problems with the strength a score gives them; a rise beyond noise adds to it."""
    found = []
    for score, instrument in counting(scores):
        strength = instrument.strength(score.total) + RISE_ADDS * instrument.is_worse(score.change)
        found += [(problem, strength * share) for problem, share in instrument.problems.items() if strength]
    return found


def worsened(scores: Iterable[ScoreSeen]) -> list[tuple[ScoreSeen, Instrument]]:
    """Scores that got heavier by more than noise."""
    return [(score, one) for score, one in counting(scores) if one.is_worse(score.change)]


def is_severe(scores: Iterable[ScoreSeen]) -> bool:
    """Whether a total is so high that exercises alone are not what should be offered."""
    return any(
        one.severe is not None and one.sign * score.total >= one.sign * one.severe for score, one in counting(scores)
    )


def speaks_for(problem: str, scores: Iterable[ScoreSeen]) -> ScoreSeen | None:
    """The score that speaks most for this problem, if one does: a rise first, then the strongest."""
    rows = [(score, one) for score, one in counting(scores) if problem in one.problems]
    rows = [(score, one) for score, one in rows if one.strength(score.total) or one.is_worse(score.change)]
    best = max(rows, key=lambda row: (row[1].is_worse(row[0].change), row[1].problems[problem]), default=None)
    return best[0] if best else None
