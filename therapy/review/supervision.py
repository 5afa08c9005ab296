"""Notes of supervision: what was talked over about a colleague's work, for the two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.models import Role, User
from therapy.core.errors import ApplicationError
from therapy.review.bindings import seal, supervision_binding
from therapy.review.models import SupervisionNote

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note, opened."""

    id: UUID
    about: str
    author: str
    kind: str
    text: str
    at: datetime
    read_at: datetime | None


def write(*, user: User, about_id: UUID, kind: str, text: str) -> SupervisionNote:
    """Keep a note. Supervisors write about colleagues, everybody reflects on their own work.

    Raises:
        ApplicationError: forbidden, not_found, empty or too_long.
    """
    colleague = User.objects.filter(pk=about_id).first()
    if not user.is_counselling_staff or colleague is None or not colleague.is_counselling_staff:
        raise ApplicationError("not_found", _("This colleague does not exist."))
    is_own = colleague.pk == user.pk
    if not is_own and user.role != Role.SUPERVISOR:
        raise ApplicationError("forbidden", _("A supervisor writes about the work of others."))
    if not text.strip():
        raise ApplicationError("empty", _("There is nothing to keep yet."))
    if len(text) > LONGEST:
        raise ApplicationError("too_long", _("That is too long for one note."))
    if is_own:
        kind = SupervisionNote.Kind.REFLECTION
    elif kind not in (SupervisionNote.Kind.MEETING, SupervisionNote.Kind.FEEDBACK):
        raise ApplicationError("not_found", _("Choose what this note is."))
    note = SupervisionNote(id=uuid4(), person=colleague, author=user, kind=kind)
    note.read_at = timezone.now() if is_own else None
    note.text_sealed = seal(text, supervision_binding(note), colleague.pk) or b""
    note.save(force_insert=True)
    return note


def mark_read(*, user: User) -> int:
    """The colleague has seen what was written about their work; says how much of it was new."""
    return SupervisionNote.objects.filter(person=user, read_at=None).update(read_at=timezone.now())


def notes_for(user: User, about_id: UUID | None = None) -> list[NoteView]:
    """Notes that somebody may read, newest first: about themselves; a supervisor's also about one colleague."""
    whom = about_id if about_id is not None and user.role == Role.SUPERVISOR else user.pk
    rows = SupervisionNote.objects.filter(person_id=whom).select_related("person", "author").order_by("-created_at")
    return [open_note(row) for row in rows[:200]]


def open_note(row: SupervisionNote) -> NoteView:
    """The note in the clear."""
    text = keys.unseal_text(row.text_sealed, supervision_binding(row), row.person_id)
    author = row.author.username if row.author else ""
    return NoteView(row.pk, row.person.username, author, row.get_kind_display(), text, row.created_at, row.read_at)


def unread_of(user: User) -> int:
    """How many notes about somebody's own work they have not read."""
    return SupervisionNote.objects.filter(person=user, read_at=None).count()
