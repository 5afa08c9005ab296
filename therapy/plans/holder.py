"""What `plans` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from therapy.plans.models import Plan, PlanItem
from therapy.plans.selectors import open_items, open_plan

MODELS = (Plan, PlanItem)


def export(person_id: UUID) -> dict[str, Any]:
    """Every version with all its steps, also the removed ones."""
    return {"plans": [_plan(plan) for plan in Plan.objects.filter(person_id=person_id).order_by("version")]}


def _plan(row: Plan) -> dict[str, Any]:
    view = open_plan(row)
    return {
        "version": view.version,
        "state": view.state,
        "language": view.language,
        "goals": list(view.goals),
        "drafted_at": view.drafted_at,
        "approved_at": view.approved_at,
        "steps": [
            {
                "title": item.title,
                "details": item.details,
                "because": item.because,
                "minutes": item.minutes,
                "done_at": item.done_at,
                "changed_at": item.edited_at,
                "removed_at": item.removed_at,
            }
            for item in open_items(row.items.all(), row.person_id, view.language)
        ],
    }


def erase(person_id: UUID) -> int:
    """Delete every plan with its steps."""
    return Plan.objects.filter(person_id=person_id).delete()[0]
