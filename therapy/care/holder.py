"""What `care` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from accounts import keys
from therapy.care.models import Callback, CheckIn, CheckInWish, SafetyPlan
from therapy.care.selectors import callback_binding, open_plan, wish_of

MODELS = (SafetyPlan, Callback, CheckIn, CheckInWish)


def export(person_id: UUID) -> dict[str, Any]:
    """The safety plan, every request for a call, every check-in."""
    wish = wish_of(person_id)
    return {
        "safety_plan": asdict(open_plan(person_id).words),
        "callbacks": [
            {
                "at": row.created_at,
                "number": keys.unseal_text(row.number_sealed, callback_binding(row), person_id),
                "when": row.when,
                "withdrawn_at": row.withdrawn_at,
            }
            for row in Callback.objects.filter(person_id=person_id).order_by("created_at")
        ],
        "check_ins_wanted": wish.is_wanted,
        "check_ins_by_mail": wish.by_mail,
        "check_ins": [
            {"due_at": row.due_at, "asked_at": row.asked_at, "answered_at": row.answered_at, "state": row.state}
            for row in CheckIn.objects.filter(person_id=person_id).order_by("created_at")
        ],
    }


def erase(person_id: UUID) -> int:
    """Delete everything."""
    return sum(model.objects.filter(person_id=person_id).delete()[0] for model in MODELS)
