"""What `plans` keeps about a person: for their export and for erasure."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from accounts import keys
from accounts.crypto import Binding
from therapy.plans.comparing import open_comparison
from therapy.plans.models import Plan, PlanItem, ReminderWish, StepEdit, StepRun
from therapy.plans.selectors import ItemView, item_binding, open_items, open_plan, plan_binding

MODELS = (Plan, PlanItem, StepRun, StepEdit, ReminderWish)


def export(person_id: UUID) -> dict[str, Any]:
    """Every version with all its steps, also the removed ones."""
    return {
        "plans": [_plan(plan) for plan in Plan.objects.filter(person_id=person_id).order_by("version")],
        "reminds_by_mail": ReminderWish.objects.filter(person_id=person_id, by_mail=True).exists(),
    }


def _plan(row: Plan) -> dict[str, Any]:
    view = open_plan(row)
    steps = {item.pk: item for item in row.items.all()}
    return {
        "version": view.version,
        "state": view.state,
        "language": view.language,
        "goals": list(view.goals),
        "drafted_at": view.drafted_at,
        "approved_at": view.approved_at,
        "declined_at": row.declined_at,
        "decline_reason": _opened(row.decline_reason_sealed, plan_binding(row, "decline_reason"), row.person_id),
        "changes": _comparison(row),
        "steps": [
            _step(item, steps[item.id], row.person_id)
            for item in open_items(steps.values(), row.person_id, view.language)
        ],
    }


def _step(item: ItemView, row: PlanItem, person_id: UUID) -> dict[str, Any]:
    removed = _opened(row.removal_reason_sealed, item_binding(row, "removal_reason", person_id), person_id)
    return {
        "title": item.title,
        "details": item.details,
        "because": item.because,
        "minutes": item.minutes,
        "done_at": item.done_at,
        "done": list(row.runs.values_list("at", flat=True)),
        "planned_for": item.due_at,
        "changed_at": item.edited_at,
        "before_changes": [{"at": edit.at, "title": edit.title, "minutes": edit.minutes} for edit in item.edits],
        "removed_at": item.removed_at,
        "removed_because": json.loads(removed) if removed else None,
    }


def _comparison(row: Plan) -> dict[str, Any] | None:
    comparison = open_comparison(row)
    return asdict(comparison) if comparison else None


def _opened(sealed: Any, binding: Binding, person_id: UUID) -> str:
    return "" if sealed is None else keys.unseal_text(sealed, binding, person_id)


def erase(person_id: UUID) -> int:
    """Delete every plan with its steps."""
    wishes = ReminderWish.objects.filter(person_id=person_id).delete()[0]
    return wishes + Plan.objects.filter(person_id=person_id).delete()[0]
