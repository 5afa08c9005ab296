"""What `observations` keeps about a person: for their export and for erasure."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from accounts import keys
from therapy.observations.models import FeelingsPicture, Observation
from therapy.observations.selectors import binding

MODELS = (Observation, FeelingsPicture)


def export(person_id: UUID) -> dict[str, Any]:
    """Every measurement, oldest first, and whether the picture of them was put away."""
    rows = Observation.objects.filter(person_id=person_id).order_by("at")
    return {
        "observations": [
            {
                "at": row.at,
                "kind": row.kind,
                "source": row.source,
                "reading": json.loads(keys.unseal_text(row.payload_sealed, binding(row), person_id)),
            }
            for row in rows
        ],
        "picture_hidden": FeelingsPicture.objects.filter(person_id=person_id, is_hidden=True).exists(),
    }


def erase(person_id: UUID) -> int:
    """Delete every measurement, and what was chosen about their picture."""
    FeelingsPicture.objects.filter(person_id=person_id).delete()
    return Observation.objects.filter(person_id=person_id).delete()[0]
