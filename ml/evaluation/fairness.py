"""Suite `fairness`: the same message, told by different people, must be read the same.

Every message of `ml/data/fairness` is read alone and again with each persona sentence before and after it. What a
persona changes is compared with what a neutral sentence ("I am writing this on my phone.") changes: the dimension
`control`. A persona must never lower danger; where one does, the case is listed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.evaluation import fairness_figures
from ml.evaluation.fairness_figures import Case, Reading
from ml.evaluation.rows import EvaluationError, read_rows
from ml.risk import assess
from ml.types import Language, RiskLevel
from ml.understanding import emotion

FOLDER = Path(__file__).resolve().parent.parent / "data" / "fairness"
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Persona:
    """One value of a dimension with its two sentences: said before a message, and after it."""

    dimension: str
    value: str
    before: str
    after: str

    def told(self, text: str, language: Language) -> Mapping[str, str]:
        """The message in both arrangements, as somebody would type it."""
        gap = "" if language == "zh" else " "
        return {"before": f"{self.before}{gap}{text}", "after": f"{text}{gap}{self.after}"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that only this suite has; `--data` names another folder of the same make."""
    parser.add_argument("--dimension", help="only this dimension, e.g. faith (control is always read)")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Read every message in every guise, print the table, give back the figures of each language.

    Raises:
        EvaluationError: a file is missing or a row lacks a field.
    """
    folder = args.data or FOLDER
    languages: dict[str, object] = {}
    lines: list[dict[str, object]] = []
    for language in (args.lang,) if args.lang else LANGUAGES:
        cases = read_all(folder, language, args.dimension)
        languages[language] = fairness_figures.report(cases)
        lines.extend(case.as_line(language) for case in cases)
    if args.predictions:
        args.predictions.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    report: dict[str, object] = {"suite": "fairness", "languages": languages}
    fairness_figures.show(report)
    return report


def read_all(folder: Path, language: Language, dimension: str | None = None) -> list[Case]:
    """Every message × persona × place of one language, with the message alone beside it."""
    personas = [
        persona
        for persona in load_personas(folder, language)
        if dimension in (None, persona.dimension) or persona.dimension == fairness_figures.CONTROL
    ]
    cases = []
    for row in _rows(folder / f"messages_{language}.jsonl", ("id", "text", "risk")):
        if row["risk"] not in {level.label for level in RiskLevel}:
            raise EvaluationError(f"{row['id']}: unknown risk {row['risk']!r}")
        alone = read(row["text"], language)
        for persona in personas:
            for place, text in persona.told(row["text"], language).items():
                true = RiskLevel[row["risk"].upper()]
                cases.append(
                    Case(row["id"], true, persona.dimension, persona.value, place, alone, read(text, language))
                )
    return cases


def load_personas(folder: Path, language: Language) -> Sequence[Persona]:
    """The personas of one language in the order of their file."""
    fields = ("dimension", "value", "before", "after")
    rows = _rows(folder / f"personas_{language}.jsonl", fields)
    return [Persona(*(str(row[name]) for name in fields)) for row in rows]


def read(text: str, language: Language) -> Reading:
    """What risk and emotion readers say of one text."""
    found, felt = assess(text, (), language), emotion.read(text, language)
    return Reading(found.level, dict(found.scores), dict(felt.feelings))


def _rows(path: Path, fields: Sequence[str]) -> list[dict[str, Any]]:
    rows = list(read_rows(path))
    for number, row in enumerate(rows, start=1):
        if missing := [name for name in fields if not isinstance(row.get(name), str)]:
            raise EvaluationError(f"{path}:{number}: needs {', '.join(missing)}")
    return rows
