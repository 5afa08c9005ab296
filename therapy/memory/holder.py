"""What `memory` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from therapy.memory.models import Forgotten, Memory, SummedUp
from therapy.memory.selectors import may_remember, memories_of

MODELS = (Memory, Forgotten, SummedUp)


def export(person_id: UUID) -> dict[str, Any]:
    """Everything remembered with its source; of what was deleted only how much it was, for no words of it are left."""
    return {
        "remembering_allowed": may_remember(person_id),
        "remembered": [
            {
                "kind": view.kind,
                "text": view.text,
                "origin": view.origin_words,
                "session": str(view.session_id or ""),
                "said_at": view.said_at,
                "changed_at": view.edited_at,
            }
            for view in memories_of(person_id)
        ],
        "deleted_not_to_be_noticed_again": Forgotten.objects.filter(person_id=person_id)
        .exclude(digest=Forgotten.ALL)
        .count(),
    }


def erase(person_id: UUID) -> int:
    """Delete everything."""
    return sum(model.objects.filter(person_id=person_id).delete()[0] for model in MODELS)
