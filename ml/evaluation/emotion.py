"""Suite `emotion`: F1 and calibration of the emotion reader on rows {"text", "label"} or {"text", "labels"}.

The label set (GoEmotions 28, Ekman 7, SMP six, DAIR six, our 12) is recognised from the file.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml.encoder import session
from ml.evaluation import reliability, trajectory
from ml.evaluation.emotion_schemes import SCHEMES, Scheme, detect
from ml.evaluation.metrics import calibration_error, confusion, f1_scores, one_hot
from ml.evaluation.rows import EvaluationError, read_rows
from ml.text import detect_language
from ml.types import Language
from ml.understanding import emotion

FIXED = 0.3
# Parts of the report that are for reading by programs, not on the screen.
_LONG = ("confusion", "reliability")


@dataclass(frozen=True, slots=True)
class Row:
    """One text with its gold labels."""

    text: str
    labels: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that only this suite has."""
    parser.add_argument("--labels", choices=SCHEMES, help="label set of the file, where it cannot be told from it")
    parser.add_argument("--exclude", type=Path, help="leave out texts that also stand in this file (training rows)")
    parser.add_argument("--reliability", type=Path, help="draw predicted chance against observed share here (SVG)")
    parser.add_argument("--trajectory", type=Path, help="instead: draw emotion over labelled dialogues here (a folder)")
    parser.add_argument("--most", type=int, default=6, help="how many dialogues --trajectory draws")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Measure, print the table, give back the report.

    Raises:
        EvaluationError: no file, no rows, or labels of no known set.
    """
    if not args.data:
        raise EvaluationError("The emotion suite needs --data FILE.")
    if args.trajectory:
        return trajectory.run(args)
    rows, excluded = load(args.data, args.exclude, args.lang)
    language: Language = args.lang or main_language(rows)
    scheme = Scheme(args.labels) if args.labels else detect({label for row in rows for label in row.labels})
    readings = [emotion.read(row.text, language) for row in rows]
    scores = np.array([scheme.scores(reading) for reading in readings])
    is_single = all(len(row.labels) == 1 for row in rows) and scheme.name not in ("goemotions", "ekman")
    report: dict[str, object] = {
        "suite": "emotion",
        "version": readings[0].version,
        "label_set": scheme.name,
        "language": language,
        "rows": len(rows),
        "excluded": excluded,
    }
    report |= single_label(scheme, rows, scores) if is_single else multi_label(scheme, rows, scores)
    report |= headline(report)
    gold = [row.labels for row in rows]
    report["reliability"] = reliability.emotion_report(scheme.labels, gold, scores, args.reliability)
    if args.predictions:
        write_predictions(args.predictions, rows, scheme, scores)
    print(
        json.dumps({name: value for name, value in report.items() if name not in _LONG}, ensure_ascii=False, indent=1)
    )
    return report


def load(path: Path, exclude: Path | None, language: Language | None = None) -> tuple[list[Row], int]:
    """Rows of the file, less those whose text (letters and digits) stands in `exclude`; and how many these were."""
    barred = {_key(str(row.get("text", ""))) for row in read_rows(exclude)} if exclude else set()
    rows = list(_rows(path, language))
    kept = [row for row in rows if _key(row.text) not in barred]
    if not kept:
        raise EvaluationError(f"{path}: no rows to measure")
    return kept, len(rows) - len(kept)


def _rows(path: Path, language: Language | None) -> Iterator[Row]:
    for number, row in enumerate(read_rows(path), start=1):
        if language and row.get("lang", language) != language:
            continue
        labels = row.get("labels", row.get("label"))
        labels = [labels] if isinstance(labels, str) else labels
        if not isinstance(row.get("text"), str) or not isinstance(labels, list) or not labels:
            raise EvaluationError(f"{path}:{number}: needs a text and a label")
        yield Row(row["text"], tuple(map(str, labels)))


def _key(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum()) or text


def main_language(rows: list[Row]) -> Language:
    """The language most texts are in: single words can mislead."""
    counts: Counter[Language] = Counter(detect_language(row.text) for row in rows)
    return counts.most_common(1)[0][0]


def tuned_thresholds(scheme: Scheme) -> list[float] | None:
    """Thresholds found on dev with the shipped file; None for label sets that have none."""
    names = {"goemotions": "thresholds", "ekman": "ekman_thresholds"}
    if scheme.name not in names:
        return None
    settings = session.load().settings
    return [float(settings[names[scheme.name]][label]) for label in scheme.labels]


def multi_label(scheme: Scheme, rows: list[Row], scores: npt.NDArray[np.float64]) -> dict[str, object]:
    """F1 at the tuned and at the fixed threshold; calibration over all pairs of row and label."""
    truth = np.array([[label in row.labels for label in scheme.labels] for row in rows])
    report: dict[str, object] = {"calibration_error": round(calibration_error(truth.ravel(), scores.ravel()), 4)}
    tuned = tuned_thresholds(scheme)
    if tuned:
        report["tuned"] = f1_report(scheme, truth, scores >= np.array(tuned))
    report["fixed_0.3"] = f1_report(scheme, truth, scores >= FIXED)
    return report


def single_label(scheme: Scheme, rows: list[Row], scores: npt.NDArray[np.float64]) -> dict[str, object]:
    """F1 of the highest score, the same at the fixed threshold, calibration of the highest, confusion."""
    truth = [scheme.labels.index(row.labels[0]) for row in rows]
    said = [int(place) for place in scores.argmax(axis=1)]
    hits = np.array(truth) == np.array(said)
    gold = one_hot(truth, len(scheme.labels))
    return {
        "highest": f1_report(scheme, gold, one_hot(said, len(scheme.labels))),
        "fixed_0.3": f1_report(scheme, gold, scores >= FIXED),
        "accuracy": round(float(hits.mean()), 4),
        "calibration_error": round(calibration_error(hits, scores.max(axis=1)), 4),
        "confusion": {"labels": list(scheme.labels), "rows": confusion(truth, said, len(scheme.labels))},
    }


def headline(report: Mapping[str, object]) -> dict[str, object]:
    """The two figures to compare by: at the tuned thresholds, else of the highest score, else at the fixed one."""
    best = next(report[name] for name in ("tuned", "highest", "fixed_0.3") if name in report)
    assert isinstance(best, dict)
    return {"macro_f1": best["macro_f1"], "micro_f1": best["micro_f1"]}


def f1_report(scheme: Scheme, truth: npt.ArrayLike, said: npt.ArrayLike) -> dict[str, object]:
    """Macro, micro and each label's F1."""
    macro, micro, by_label = f1_scores(truth, said)
    each = {name: round(value, 4) for name, value in zip(scheme.labels, by_label, strict=True)}
    return {"macro_f1": round(macro, 4), "micro_f1": round(micro, 4), "f1": each}


def write_predictions(path: Path, rows: list[Row], scheme: Scheme, scores: npt.NDArray[np.float64]) -> None:
    """One line for each row: gold labels and our scores; no text."""
    with path.open("w", encoding="utf-8") as file:
        for row, values in zip(rows, scores, strict=True):
            shares = {name: round(float(value), 4) for name, value in zip(scheme.labels, values, strict=True)}
            file.write(json.dumps({"gold": list(row.labels), "scores": shares}) + "\n")
