"""What `progress` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from therapy.progress.models import Satisfaction
from therapy.progress.selectors import open_comment

MODELS = (Satisfaction,)


def export(person_id: UUID) -> dict[str, Any]:
    """Every answer about how content they are, with its comment."""
    rows = Satisfaction.objects.filter(person_id=person_id).order_by("at")
    return {
        "satisfaction": [
            {"at": row.at, "about": row.about, "score": row.score, "comment": open_comment(row)} for row in rows
        ]
    }


def erase(person_id: UUID) -> int:
    """Delete everything."""
    return Satisfaction.objects.filter(person_id=person_id).delete()[0]
