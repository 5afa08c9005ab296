"""Writes of observations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.utils import timezone

from accounts import keys
from therapy.observations.models import Observation
from therapy.observations.selectors import binding


def record(
    *,
    person_id: UUID,
    kind: str,
    payload: Mapping[str, object],
    source: str,
    message_id: UUID | None = None,
    at: datetime | None = None,
) -> Observation:
    """Seal and store one measurement."""
    row = Observation(
        id=uuid4(), person_id=person_id, kind=kind, source=source, message_id=message_id, at=at or timezone.now()
    )
    row.payload_sealed = keys.seal_text(json.dumps(dict(payload)), binding(row), person_id)
    row.save(force_insert=True)
    return row
