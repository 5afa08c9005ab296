"""What the desk keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts import keys
from therapy.review import supervision
from therapy.review.bindings import desk_note_binding, look_binding, note_binding
from therapy.review.models import (
    Assignment,
    BreakGlass,
    CaseTag,
    Claim,
    FollowUp,
    Note,
    Review,
    Sample,
    SecondLook,
    SupervisionNote,
)

MODELS = (Review, SecondLook, Claim, Assignment, FollowUp, Note, CaseTag, BreakGlass, Sample, SupervisionNote)


def export(person_id: UUID) -> dict[str, Any]:
    """Decisions about the person's flags, working notes, tags and tasks, with all that was written about them."""
    rows = Review.objects.filter(flag__person_id=person_id).order_by("created_at")
    notes = Note.objects.filter(person_id=person_id).order_by("created_at")
    return {
        "reviews": [_review(row, person_id) for row in rows.select_related("second_look")],
        "notes": [
            {"at": row.created_at, "note": keys.unseal_text(row.text_sealed, desk_note_binding(row), person_id)}
            for row in notes
        ],
        "tags": list(CaseTag.objects.filter(person_id=person_id).order_by("tag").values_list("tag", flat=True)),
        "tasks": [
            {"due_on": row.due_on, "what": row.what, "done_at": row.done_at}
            for row in FollowUp.objects.filter(person_id=person_id).order_by("due_on")
        ],
        "supervision": [_supervision(row) for row in SupervisionNote.objects.filter(person_id=person_id)],
    }


def _supervision(row: SupervisionNote) -> dict[str, Any]:
    """A note about the work of a colleague who asks for their own data."""
    view = supervision.open_note(row)
    return {"at": view.at, "what": view.kind, "note": view.text}


def _review(row: Review, person_id: UUID) -> dict[str, Any]:
    found = {
        "at": row.created_at,
        "outcome": row.outcome,
        "action": row.action,
        "note": keys.unseal_text(row.note_sealed, note_binding(row, person_id), person_id),
    }
    look: SecondLook | None = getattr(row, "second_look", None)
    if look is not None:
        found["second_look"] = {
            "outcome": look.settled_outcome or look.outcome,
            "notes": [
                keys.unseal_text(getattr(look, field), look_binding(look, field, person_id), person_id)
                for field in ("note_sealed", "settled_note_sealed")
                if getattr(look, field)
            ],
        }
    return found


def erase(person_id: UUID) -> int:
    """Delete what hangs on the person or on their conversations; second looks go with their decisions."""
    mine = (Assignment, FollowUp, Note, CaseTag, BreakGlass, SupervisionNote)
    gone = sum(model.objects.filter(person_id=person_id).delete()[0] for model in mine)
    gone += Claim.objects.filter(session__person_id=person_id).delete()[0]
    gone += Sample.objects.filter(session__person_id=person_id).delete()[0]
    return gone + Review.objects.filter(flag__person_id=person_id).delete()[0]
