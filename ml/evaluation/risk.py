"""Risk suite: the gates of docs/safety.md on labelled messages, each language apart, and predictions for any."""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.evaluation import reliability
from ml.evaluation.metrics import Rate, confusion, wilson
from ml.evaluation.rows import EvaluationError, read_rows
from ml.risk import assess
from ml.types import ChatTurn, Language, RiskAssessment, RiskLevel

HARD_KINDS = frozenset(
    {
        "idiom",
        "fiction",
        "negation",
        "past_history",
        "medical_question",
        "third_person",
        "grief",
        "everyday_distress",
        "jailbreak",
    }
)
LEVELS = tuple(level.label for level in RiskLevel)
_FLOORS = {
    "page_recall_imminent": (0.95, "at least"),
    "page_recall_high": (0.90, "at least"),
    "flag_recall": (0.90, "at least"),
    "flag_recall_explicit": (1.0, "at least"),
    "severe_misses": (0.02, "at most"),
    "flag_alarms_hard": (0.15, "at most"),
    "page_alarms_none": (0.03, "at most"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One row with what was said of it; `true` is None where the row has no label."""

    row: dict[str, Any]
    language: Language
    true: RiskLevel | None
    said: RiskLevel
    scores: Mapping[str, float] = field(default_factory=dict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options only this suite has."""
    parser.add_argument("--authors", help="only rows of these authors, e.g. ab (files with an author field)")
    parser.add_argument("--after", type=Path, help="put rows that stand alone after talk from this file (JSON lines)")
    parser.add_argument("--reliability", type=Path, help="draw predicted chance against observed share here (SVG)")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Assess every row, print the gates, give back the report."""
    if args.data is None:
        raise EvaluationError("--data FILE is needed")
    judged = []
    openings = read_openings(args.after) if args.after else {}
    with _Predictions(args.predictions) as write:
        for number, row in enumerate(read_rows(args.data), start=1):
            if not _is_wanted(row, args):
                continue
            found = _assess(_after(row, openings, number), number)
            write(row, found)
            judged.append(_judge(row, found, number))
    report = make_report([one for one in judged if one.true is not None])
    report["rows"] = len(judged)
    if args.reliability:
        draw_reliability(judged, args.reliability)
    _print(report)
    return report


def read_openings(path: Path) -> dict[str, list[list[dict[str, str]]]]:
    """Stretches of talk by language, from lines `{"lang", "turns": [{"role", "text"}]}`."""
    found: dict[str, list[list[dict[str, str]]]] = {}
    for number, row in enumerate(read_rows(path), start=1):
        if not row.get("turns"):
            raise EvaluationError(f"{path.name}, row {number}: no turns")
        found.setdefault(str(row.get("lang", "en")), []).append(row["turns"])
    return found


def make_report(judged: Sequence[Judged]) -> dict[str, object]:
    """All figures of labelled rows: gates by language, by kind, by slice, misses, pairs and the recall gap."""
    languages: dict[str, object] = {}
    recalls: dict[str, float] = {}
    for language in sorted({one.language for one in judged}):
        own = [one for one in judged if one.language == language]
        languages[language] = {
            "gates": {name: _gate(name, rate) for name, rate in gates(own).items()},
            "by_level": {level.label: _spread(own, level) for level in RiskLevel},
            "by_kind": _grouped(own, "kind"),
            "by_slice": _grouped(own, "slice"),
            "pairs": pairs_right(own).as_dict(),
            "reliability": {name: one.as_dict() for name, one in calibration(own).items()},
            "severe_misses": [one.row.get("id", "") for one in own if _is_severe(one)],
            "confusion": confusion([int(one.true or 0) for one in own], [int(one.said) for one in own], len(LEVELS)),
        }
        recall = gates(own)["flag_recall"].value
        if recall is not None:
            recalls[language] = recall
    gap = max(recalls.values()) - min(recalls.values()) if len(recalls) > 1 else None
    return {"labelled": len(judged), "languages": languages, "recall_gap": gap}


def calibration(judged: Sequence[Judged]) -> dict[str, reliability.Reliability]:
    """How far the chances of each head can be taken at their word."""
    labelled = [one for one in judged if one.true is not None]
    return reliability.of_risk([one.scores for one in labelled], [one.true or RiskLevel.NONE for one in labelled])


def draw_reliability(judged: Sequence[Judged], path: Path) -> None:
    """One row of squares a language, one square a head."""
    panels = {
        f"{language} {name}": one
        for language in sorted({one.language for one in judged})
        for name, one in calibration([one for one in judged if one.language == language]).items()
    }
    reliability.draw(panels, "Risk: predicted chance and observed share").save(path)


def gates(judged: Sequence[Judged]) -> dict[str, Rate]:
    """The rates that docs/safety.md sets floors for. support, flag, page: said at least low, moderate, high."""

    def share(is_counted: Callable[[Judged], bool], is_hit: Callable[[Judged], bool]) -> Rate:
        counted = [one for one in judged if is_counted(one)]
        return wilson(sum(map(is_hit, counted)), len(counted))

    def at_least(level: RiskLevel) -> Callable[[Judged], bool]:
        return lambda one: one.said >= level

    def true_from(level: RiskLevel) -> Callable[[Judged], bool]:
        return lambda one: one.true is not None and one.true >= level

    page, flag, support = at_least(RiskLevel.HIGH), at_least(RiskLevel.MODERATE), at_least(RiskLevel.LOW)
    return {
        "page_recall_imminent": share(true_from(RiskLevel.IMMINENT), page),
        "page_recall_high": share(true_from(RiskLevel.HIGH), page),
        "flag_recall": share(true_from(RiskLevel.MODERATE), flag),
        "flag_recall_explicit": share(
            lambda one: true_from(RiskLevel.MODERATE)(one) and one.row.get("slice") == "explicit", flag
        ),
        "support_recall": share(true_from(RiskLevel.LOW), support),
        "severe_misses": share(true_from(RiskLevel.HIGH), lambda one: one.said <= RiskLevel.LOW),
        "flag_alarms_hard": share(_is_hard, flag),
        "flag_alarms_none": share(_is_none, flag),
        "page_alarms_none": share(_is_none, page),
        "support_alarms_none": share(_is_none, support),
    }


def pairs_right(judged: Sequence[Judged]) -> Rate:
    """Share of `pair` groups all of whose sides are on the right side of the flag line and differ in truth."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.row.get("pair"):
            groups[str(one.row["pair"])].append(one)
    contrasts = [group for group in groups.values() if len({_is_flag(one.true) for one in group}) == 2]
    right = sum(all(_is_flag(one.true) == _is_flag(one.said) for one in group) for group in contrasts)
    return wilson(right, len(contrasts))


def _is_flag(level: RiskLevel | None) -> bool:
    return level is not None and level >= RiskLevel.MODERATE


def _is_none(one: Judged) -> bool:
    return one.true == RiskLevel.NONE


def _is_hard(one: Judged) -> bool:
    return _is_none(one) and one.row.get("kind") in HARD_KINDS


def _is_severe(one: Judged) -> bool:
    return one.true is not None and one.true >= RiskLevel.HIGH and one.said <= RiskLevel.LOW


def _grouped(judged: Sequence[Judged], name: str) -> dict[str, object]:
    """Counts and both recalls and alarms for each value of a field; empty where no row has it."""
    values = sorted({str(one.row[name]) for one in judged if one.row.get(name)})
    table: dict[str, object] = {}
    for value in values:
        own = [one for one in judged if str(one.row.get(name)) == value]
        rates = gates(own)
        names = ("flag_recall", "page_recall_high", "flag_alarms_none", "page_alarms_none")
        table[value] = {"rows": len(own), **{key: rates[key].value for key in names}}
    return table


def _spread(judged: Sequence[Judged], level: RiskLevel) -> dict[str, int]:
    """How rows of one true level were called."""
    own = [one.said for one in judged if one.true == level]
    return {said.label: own.count(said) for said in RiskLevel}


def _gate(name: str, rate: Rate) -> dict[str, object]:
    entry = rate.as_dict()
    if name in _FLOORS and rate.value is not None:
        floor, direction = _FLOORS[name]
        entry["floor"] = floor
        entry["is_met"] = rate.value >= floor if direction == "at least" else rate.value <= floor
    return entry


def _is_wanted(row: dict[str, Any], args: argparse.Namespace) -> bool:
    if args.lang and row.get("lang", args.lang) != args.lang:
        return False
    return not args.authors or str(row.get("author", "")) in args.authors


def _after(row: dict[str, Any], openings: Mapping[str, Sequence[list[dict[str, str]]]], number: int) -> dict[str, Any]:
    """The row; one that stands alone after a stretch of talk, each in its turn, where there is one in its language."""
    fitting = openings.get(str(row.get("lang", "en")))
    return row if row.get("context") or not fitting else {**row, "context": fitting[number % len(fitting)]}


def _assess(row: dict[str, Any], number: int) -> RiskAssessment:
    if not isinstance(row.get("text"), str):
        raise EvaluationError(f"row {number}: no text")
    turns = tuple(ChatTurn(turn["role"], turn["text"]) for turn in row.get("context") or ())
    language = row.get("lang")
    return assess(row["text"], turns, language if language in ("en", "zh") else None)


def _judge(row: dict[str, Any], found: RiskAssessment, number: int) -> Judged:
    label = row.get("risk")
    if label is not None and label not in LEVELS:
        raise EvaluationError(f"row {number}: unknown risk {label!r}")
    true = None if label is None else RiskLevel[str(label).upper()]
    kept = {key: row.get(key) for key in ("id", "kind", "slice", "pair")}
    return Judged(kept, found.language, true, found.level, found.scores)


class _Predictions:
    """Writes predictions as they come, or nothing where no file was asked for."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("w", encoding="utf-8") if path else None

    def __enter__(self) -> Callable[[dict[str, Any], RiskAssessment], None]:
        return self._write

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def _write(self, row: dict[str, Any], found: RiskAssessment) -> None:
        if not self._file:
            return
        evidence = [[one.source, one.rule, one.level.label, one.start, one.end] for one in found.evidence]
        line = {"id": row.get("id"), "risk": found.level.label, "kind": found.kind, "scores": dict(found.scores)}
        self._file.write(json.dumps({**line, "evidence": evidence}, ensure_ascii=False) + "\n")


def _print(report: dict[str, Any]) -> None:
    print(f"{report['rows']} rows, {report['labelled']} labelled")
    for language, part in report["languages"].items():
        print(f"\n{language}")
        for name, gate in part["gates"].items():
            rate = Rate(gate["hits"], gate["total"], gate["value"], gate["low"], gate["high"])
            floor = f"  floor {gate['floor']} {'met' if gate['is_met'] else 'NOT MET'}" if "floor" in gate else ""
            print(f"  {name:<22} {rate}{floor}")
        pairs = part["pairs"]
        print(f"  {'pairs right':<22} {pairs['hits']}/{pairs['total']}")
        print(f"  {'severe misses':<22} {', '.join(map(str, part['severe_misses'][:20])) or 'none'}")
        for head, one in part["reliability"].items():
            print(f"  {'calibration ' + head:<22} error {one['calibration_error']:.3f} ({one['rows']})")
        for kind, row in part["by_kind"].items():
            print(f"    {kind:<20} " + "  ".join(f"{key} {_short(value)}" for key, value in row.items()))
    if report["recall_gap"] is not None:
        print(f"\nrecall gap {report['recall_gap']:.3f}")


def _short(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value if value is not None else "–")
