"""The scenario test of the desk: short cases, two questions each (which level, which next step), and its marking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ScenarioResult, User
from ml.types import Language, RiskLevel
from therapy.core.errors import ApplicationError

_TABLE = Path(__file__).parent / "data" / "scenarios.json"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case. `steps` are (key, text); `right` is the key of the step that is owed."""

    id: str
    text: str
    why: str
    level: RiskLevel
    steps: tuple[tuple[str, str], ...]
    right: str


@dataclass(frozen=True, slots=True)
class Marked:
    """One case as answered."""

    scenario: Scenario
    is_level_right: bool
    is_step_right: bool
    is_missed: bool


Attempt = tuple[ScenarioResult, list[Marked]]


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return found


def version() -> str:
    """Version of the table."""
    return str(_table()["version"])


def scenarios(language: Language) -> list[Scenario]:
    """Every case in one language, in the order of the table."""
    return [
        Scenario(
            id=row["id"],
            text=row["text"][language],
            why=row["why"][language],
            level=RiskLevel[row["level"].upper()],
            steps=tuple((step["id"], step["text"][language]) for step in row["steps"]),
            right=next(step["id"] for step in row["steps"] if step.get("right")),
        )
        for row in _table()["scenarios"]
    ]


def mark(answers: Mapping[str, str], language: Language) -> list[Marked]:
    """Compare answers with the table. Keys: `level-<id>` and `step-<id>`; what is missing is wrong."""
    marked = []
    for case in scenarios(language):
        given = answers.get(f"level-{case.id}", "")
        level = int(given) if given.isascii() and given.isdigit() else -1
        marked.append(
            Marked(
                scenario=case,
                is_level_right=level == case.level,
                is_step_right=answers.get(f"step-{case.id}") == case.right,
                # Too low where a life is in danger is the one mistake that nothing else makes up for.
                is_missed=case.level >= RiskLevel.HIGH and level < RiskLevel.HIGH,
            )
        )
    return marked


@transaction.atomic
def record_attempt(*, user: User, answers: Mapping[str, str], language: Language) -> Attempt:
    """Mark an attempt and keep its result. Passed: enough right, and no case of danger called too low.

    Raises:
        ApplicationError: the account is not counselling staff.
    """
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors take this test."))
    marked = mark(answers, language)
    score = sum(row.is_level_right + row.is_step_right for row in marked)
    out_of = 2 * len(marked)
    has_passed = score >= _table()["pass_share"] * out_of and not any(row.is_missed for row in marked)
    known = {f"{part}-{row.scenario.id}" for row in marked for part in ("level", "step")}
    kept = {name: value[:20] for name, value in answers.items() if name in known}
    result = ScenarioResult.objects.create(
        user=user, version=version(), score=score, out_of=out_of, has_passed=has_passed, answers=kept
    )
    return result, marked
