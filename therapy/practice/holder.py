"""What `practice` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from therapy.practice import selectors
from therapy.practice.models import PracticeRun, TestRun

MODELS = (PracticeRun, TestRun)


def export(person_id: UUID) -> dict[str, Any]:
    """Every run with what was said before and after, and every cognitive test with its trials."""
    from therapy.practice import trials_selectors  # noqa: PLC0415 - the tests are a part of their own

    return {
        "practices": [
            {
                "practice": view.practice.title.en if view.practice else view.practice_id,
                "minutes": view.minutes,
                "state": view.state,
                "started_at": view.started_at,
                "ended_at": view.ended_at,
                **asdict(view.body),
            }
            for view in map(selectors.view_of, PracticeRun.objects.filter(person_id=person_id).order_by("started_at"))
        ],
        "tests": trials_selectors.export(person_id),
    }


def erase(person_id: UUID) -> int:
    """Delete everything."""
    return sum(model.objects.filter(person_id=person_id).delete()[0] for model in MODELS)
