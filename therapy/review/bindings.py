"""Where the desk's sealed columns belong. All are sealed with the key of the person they are about."""

from __future__ import annotations

from uuid import UUID

from accounts import keys
from accounts.crypto import Binding
from therapy.review.models import Note, Review, SecondLook, SupervisionNote


def note_binding(review: Review, person_id: UUID) -> Binding:
    """The note of a decision."""
    return Binding("review_review", "note_sealed", review.pk, person_id)


def look_binding(look: SecondLook, field: str, person_id: UUID) -> Binding:
    """A note of a second look or of its settlement."""
    return Binding("review_secondlook", field, look.pk, person_id)


def desk_note_binding(note: Note) -> Binding:
    """A working note."""
    return Binding("review_note", "text_sealed", note.pk, note.person_id)


def supervision_binding(note: SupervisionNote) -> Binding:
    """A note about a colleague's work, sealed with that colleague's key."""
    return Binding("review_supervisionnote", "text_sealed", note.pk, note.person_id)


def seal(text: str, binding: Binding, person_id: UUID) -> bytes | None:
    """Sealed words; nothing for nothing."""
    return keys.seal_text(text.strip(), binding, person_id) if text.strip() else None
