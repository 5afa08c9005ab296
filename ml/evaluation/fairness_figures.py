"""The figures of the fairness suite: what a persona changes, by dimension. Counts only; reads no text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.evaluation.metrics import wilson
from ml.evaluation.reliability import RISK_HEADS
from ml.types import RiskLevel

CONTROL = "control"
_MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """Level and chances of risk and shares of the feelings of one text. No chances: the head was not asked."""

    level: RiskLevel
    chances: Mapping[str, float]
    feelings: Mapping[str, float]

    def chance(self, head: str) -> float:
        """The chance of one head; a text for which it is not asked has none."""
        return self.chances.get(head, 0.0)


@dataclass(frozen=True, slots=True)
class Case:
    """One message told by one persona, beside the message alone."""

    message: str
    true: RiskLevel
    dimension: str
    value: str
    place: str
    alone: Reading
    told: Reading

    def moved(self, head: str) -> float:
        """How much the chance of one head changed."""
        return self.told.chance(head) - self.alone.chance(head)

    @property
    def felt(self) -> float:
        """How much of the feelings changed: total variation, 0 nothing to 1 everything."""
        return sum(abs(share - self.alone.feelings.get(name, 0.0)) for name, share in self.told.feelings.items()) / 2

    def lost(self) -> str:
        """Which answer that was owed a lowered level costs: page, flag, support, or none (a lost false alarm: none)."""
        names = {RiskLevel.HIGH: "page", RiskLevel.MODERATE: "flag", RiskLevel.LOW: "support"}
        crossed = (name for level, name in names.items() if self.told.level < level <= min(self.alone.level, self.true))
        return next(crossed, "none")

    def as_line(self, language: str) -> dict[str, object]:
        """For a file of predictions: ids and figures."""
        return {
            "id": self.message, "lang": language, "dimension": self.dimension, "value": self.value, "place": self.place,
            "alone": self.alone.level.label, "told": self.told.level.label,
            "moved": {head: round(self.moved(head), 4) for head in RISK_HEADS}, "felt": round(self.felt, 4),
        }  # fmt: skip


def report(cases: Sequence[Case]) -> dict[str, object]:
    """All dimensions of one language, and every case in which a persona lowered the level."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.dimension].append(case)
    lowered = [case for case in cases if case.told.level < case.alone.level]
    return {
        "messages": len({case.message for case in cases}),
        "dimensions": {name: dimension_report(own) for name, own in groups.items()},
        "lowered_danger": [_lowered(case) for case in lowered if case.dimension != CONTROL],
    }


def dimension_report(cases: Sequence[Case]) -> dict[str, object]:
    """Against the message alone: chances, level, feelings. Against each other: what swapping one value does."""
    return {
        "values": sorted({case.value for case in cases}),
        "risk": {head: _chances(cases, head) for head in RISK_HEADS},
        "level": _levels(cases),
        "emotion": _feelings(cases),
        "swap": _swaps(cases),
        "moved_most": _moved_most(cases),
    }


def _chances(cases: Sequence[Case], head: str) -> dict[str, object]:
    moves = np.array([case.moved(head) for case in cases])
    return {
        "mean_change": round(float(np.abs(moves).mean()), 4),
        "mean_direction": round(float(moves.mean()), 4),
        "largest_up": _named(cases[int(moves.argmax())], round(float(moves.max()), 4)),
        "largest_down": _named(cases[int(moves.argmin())], round(float(moves.min()), 4)),
    }


def _levels(cases: Sequence[Case]) -> dict[str, object]:
    steps = [int(case.told.level) - int(case.alone.level) for case in cases]
    return {
        "raised": wilson(sum(step > 0 for step in steps), len(steps)).as_dict(),
        "lowered": wilson(sum(step < 0 for step in steps), len(steps)).as_dict(),
        "lost_flag": sum(case.told.level < RiskLevel.MODERATE <= min(case.alone.level, case.true) for case in cases),
        "lost_either": sum(case.lost() in ("flag", "page") for case in cases),
        "lost_page": sum(case.told.level < RiskLevel.HIGH <= min(case.alone.level, case.true) for case in cases),
        "false_flags": sum(case.alone.level < RiskLevel.MODERATE <= case.told.level for case in cases if not case.true),
        "largest_step_up": max(steps),
        "largest_step_down": min(steps),
    }


def _feelings(cases: Sequence[Case]) -> dict[str, object]:
    most = max(cases, key=lambda case: case.felt)
    changes = {name: share - most.alone.feelings.get(name, 0.0) for name, share in most.told.feelings.items()}
    feeling = max(changes, key=lambda name: abs(changes[name]), default="")
    return {
        "mean_change": round(float(np.mean([case.felt for case in cases])), 4),
        "largest": _named(most, round(most.felt, 4)) | {"feeling": feeling, "by": round(changes.get(feeling, 0.0), 4)},
    }


def _swaps(cases: Sequence[Case]) -> dict[str, object]:
    """Same message, same place, same kind of sentence, another value: between the values themselves."""
    rows: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        rows[case.message, case.place].append(case)
    spreads = {
        head: [
            max(one.told.chance(head) for one in row) - min(one.told.chance(head) for one in row)
            for row in rows.values()
        ]
        for head in RISK_HEADS
    }
    flags = [len({one.told.level >= RiskLevel.MODERATE for one in row}) for row in rows.values()]
    widest = max(
        rows.values(),
        key=lambda row: max(one.told.chance("flag") for one in row) - min(one.told.chance("flag") for one in row),
    )
    low, high = (pick(widest, key=lambda one: one.told.chance("flag")) for pick in (min, max))
    return {
        "mean_spread": {head: round(float(np.mean(values)), 4) for head, values in spreads.items()},
        "largest_spread": {head: round(max(values), 4) for head, values in spreads.items()},
        "widest_flag": {"id": low.message, "place": low.place, "lowest": low.value, "highest": high.value},
        "other_flag_decision": wilson(sum(count > 1 for count in flags), len(flags)).as_dict(),
        "other_level": wilson(
            sum(len({one.told.level for one in row}) > 1 for row in rows.values()), len(rows)
        ).as_dict(),
    }


def _moved_most(cases: Sequence[Case]) -> list[str]:
    moves: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        moves[case.message].append(abs(case.moved("flag")))
    return sorted(moves, key=lambda message: -float(np.mean(moves[message])))[:_MOST_LISTED]


def _named(case: Case, change: float) -> dict[str, object]:
    return {"change": change, "id": case.message, "value": case.value, "place": case.place}


def _lowered(case: Case) -> dict[str, object]:
    return {
        "id": case.message, "true": case.true.label, "dimension": case.dimension, "value": case.value,
        "place": case.place, "from": case.alone.level.label, "to": case.told.level.label, "lost": case.lost(),
    }  # fmt: skip


def show(report: Mapping[str, Any]) -> None:
    """The table for eyes: one line a dimension."""
    for language, part in report["languages"].items():
        print(f"\n{language}: {part['messages']} messages; flag chance, level and feelings against the message alone")
        head = (
            "mean",
            "up",
            "down",
            "raised",
            "lowered",
            "lost flag",
            "lost page",
            "feelings",
            "swap mean",
            "swap max",
        )
        print(f"  {'':<14}" + "".join(f"{name:>11}" for name in head))
        for name, one in part["dimensions"].items():
            flag, level, swap = one["risk"]["flag"], one["level"], one["swap"]
            figures = (
                flag["mean_change"], flag["largest_up"]["change"], flag["largest_down"]["change"],
                level["raised"]["value"], level["lowered"]["value"], level["lost_flag"], level["lost_page"],
                one["emotion"]["mean_change"], swap["mean_spread"]["flag"], swap["largest_spread"]["flag"],
            )  # fmt: skip
            print(f"  {name:<14}" + "".join(f"{_short(value):>11}" for value in figures))
        lost = [case for case in part["lowered_danger"] if case["lost"] in ("flag", "page")]
        lowered = len(part["lowered_danger"])
        print(f"  a persona lowered the level {lowered} times; {len(lost)} times a flag or page that was owed was lost")
        for case in lost[:20]:
            print(
                f"    {case['id']} ({case['true']}): {case['value']}, {case['place']}: {case['from']} to {case['to']}"
            )


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
