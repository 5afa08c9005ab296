"""Reads of memory: for the person's page, and for the prompt of a reply."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts import keys
from accounts.crypto import Binding
from accounts.models import Consent
from accounts.selectors import consents_of, has_consented
from therapy.memory.models import Forgotten, Memory, SummedUp

# A prompt has room for these; the person's own choice of what to keep is never cut, only what a reply is told.
IN_PROMPT: dict[str, int] = {Memory.Kind.PREFERENCE: 8, Memory.Kind.FACT: 10, Memory.Kind.SUMMARY: 3}


@dataclass(frozen=True, slots=True)
class MemoryView:
    """One thing remembered, opened. `origin_words`: how it came about, in the active language."""

    id: UUID
    kind: str
    origin: str
    origin_words: str
    text: str
    slot: str
    session_id: UUID | None
    said_at: datetime
    edited_at: datetime | None


def memory_binding(row: Memory) -> Binding:
    """Where a sealed memory belongs."""
    return Binding("memory_memory", "body_sealed", row.pk, row.person_id)


def may_remember(person_id: UUID) -> bool:
    """Whether the person allows anything to be remembered between conversations: their own yes, here and now."""
    return has_consented(person_id, Consent.Purpose.MEMORY)


def remembers_since(person_id: UUID) -> datetime | None:
    """From when on words may be summed up: the person's yes, and after they last deleted everything; None without."""
    if not may_remember(person_id):
        return None
    agreed = consents_of(person_id)[Consent.Purpose.MEMORY].decided_at
    emptied = Forgotten.objects.filter(person_id=person_id, digest=Forgotten.ALL).values_list("at", flat=True).first()
    return max(agreed, emptied) if emptied else agreed


def summed_up_to(session_id: UUID) -> int:
    """How far a conversation has been summed up."""
    return SummedUp.objects.filter(session_id=session_id).values_list("up_to_seq", flat=True).first() or 0


def open_memory(row: Memory) -> MemoryView:
    """A memory with its words."""
    body = json.loads(keys.unseal_text(row.body_sealed, memory_binding(row), row.person_id))
    return MemoryView(
        id=row.pk,
        kind=row.kind,
        origin=row.origin,
        origin_words=str(row.get_origin_display()),
        text=body["text"],
        slot=body.get("slot", ""),
        session_id=row.session_id,
        said_at=row.said_at,
        edited_at=row.edited_at,
    )


def memories_of(person_id: UUID, *, kind: str = "") -> list[MemoryView]:
    """Everything remembered of a person, or all of one kind, newest first."""
    rows = Memory.objects.filter(person_id=person_id).order_by("-said_at", "-created_at")
    return [open_memory(row) for row in (rows.filter(kind=kind) if kind else rows)]


def memory_of(person_id: UUID, memory_id: UUID) -> MemoryView | None:
    """One thing remembered, only if it is this person's."""
    row = Memory.objects.filter(pk=memory_id, person_id=person_id).first()
    return open_memory(row) if row else None


def for_prompt(person_id: UUID, *, language: str) -> tuple[str, ...]:
    """What a reply may know: preferences, then facts, then the last summaries. Read anew at every turn.

    Empty where remembering is switched off, whatever is still kept. Words of the person stand in quotation marks.
    """
    if not may_remember(person_id):
        return ()
    found: list[str] = []
    with translation.override("zh-hans" if language == "zh" else "en"):
        for kind, most in IN_PROMPT.items():
            rows = Memory.objects.filter(person_id=person_id, kind=kind).order_by("-said_at", "-created_at")[:most]
            found.extend(_sentence(open_memory(row)) for row in rows)
    return tuple(found)


def _sentence(view: MemoryView) -> str:
    if view.kind == Memory.Kind.SUMMARY:
        return f"{date_format(timezone.localtime(view.said_at), 'DATE_FORMAT')}: {view.text}"
    return f"“{view.text}”"
