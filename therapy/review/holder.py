"""What reviews keep about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts import keys
from therapy.review.models import Review
from therapy.review.selectors import note_binding

MODELS = (Review,)


def export(person_id: UUID) -> dict[str, Any]:
    """Decisions about the person's flags, with the notes written about them."""
    rows = Review.objects.filter(flag__person_id=person_id).order_by("created_at")
    return {
        "reviews": [
            {
                "at": row.created_at,
                "outcome": row.outcome,
                "action": row.action,
                "note": keys.unseal_text(row.note_sealed, note_binding(row, person_id), person_id),
            }
            for row in rows
        ]
    }


def erase(person_id: UUID) -> int:
    """Delete the reviews of the person's flags."""
    return Review.objects.filter(flag__person_id=person_id).delete()[0]
