"""What `journal` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from therapy.journal.models import Entry
from therapy.journal.selectors import all_entries

MODELS = (Entry,)


def export(person_id: UUID) -> dict[str, Any]:
    """Every entry, oldest first."""
    return {
        "entries": [
            {"at": view.at, "day": view.day, **view.reading.as_json(), "text": view.reading.text, "source": view.source}
            for view in all_entries(person_id)
        ]
    }


def erase(person_id: UUID) -> int:
    """Delete every entry; what they told `observations` goes with its own share."""
    return Entry.objects.filter(person_id=person_id).delete()[0]
