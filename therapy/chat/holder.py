"""What `chat` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from therapy.chat.models import ChatSession, Message, Takeover, Turn
from therapy.chat.selectors import open_message

MODELS = (ChatSession, Message, Takeover, Turn)


def export(person_id: UUID) -> dict[str, Any]:
    """Every conversation, oldest first, with all its messages."""
    sessions = ChatSession.objects.filter(person_id=person_id).order_by("created_at")
    return {"conversations": [_session(row) for row in sessions]}


def _session(row: ChatSession) -> dict[str, Any]:
    messages = row.messages.select_related("author").order_by("seq")
    views = [open_message(message, row.person_id) for message in messages]
    return {
        "id": str(row.pk),
        "begun_at": row.created_at,
        "ended_at": row.ended_at,
        "messages": [
            {
                "at": view.created_at,
                "who": view.role,
                "name": view.author_name,
                "text": view.text,
                "made_by": view.provenance,
            }
            for view in views
        ],
    }


def erase(person_id: UUID) -> int:
    """Delete every conversation with its messages and turns."""
    return ChatSession.objects.filter(person_id=person_id).delete()[0]
