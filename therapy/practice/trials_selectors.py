"""Reads of cognitive tests: a person's results, opened for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts import keys
from accounts.crypto import Binding
from therapy.practice.models import TestRun


@dataclass(frozen=True, slots=True)
class TestView:
    """A finished test, opened for its person."""

    __test__ = False

    id: UUID
    kind: str
    form: int
    moment: str
    done_at: datetime
    trials: list[dict[str, Any]]
    scores: dict[str, Any]


def binding(row: TestRun) -> Binding:
    """Where a sealed body belongs."""
    return Binding("practice_testrun", "body_sealed", row.pk, row.person_id)


def view_of(row: TestRun) -> TestView:
    """A row, opened."""
    stored = json.loads(keys.unseal_text(row.body_sealed, binding(row), row.person_id))
    return TestView(row.pk, row.kind, row.form, row.moment, row.done_at, stored["trials"], stored["scores"])


def results(person_id: UUID, kind: str, *, limit: int = 20) -> list[TestView]:
    """Results of one kind, newest first."""
    rows = TestRun.objects.filter(person_id=person_id, kind=kind).order_by("-done_at")
    return [view_of(row) for row in rows[:limit]]


def counts(person_id: UUID) -> dict[str, int]:
    """How often each kind was done."""
    found: dict[str, int] = {}
    for kind in TestRun.objects.filter(person_id=person_id).values_list("kind", flat=True):
        found[kind] = found.get(kind, 0) + 1
    return found


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Every test with its trials and scores, oldest first."""
    return [
        {
            "test": view.kind,
            "done_at": view.done_at,
            "moment": view.moment,
            "scores": view.scores,
            "trials": view.trials,
        }
        for view in map(view_of, TestRun.objects.filter(person_id=person_id).order_by("done_at"))
    ]
