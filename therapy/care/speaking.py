"""Prepared sentences of ours in a person's conversation: the newest one, or a new one where there is none."""

from __future__ import annotations

from uuid import UUID

from therapy.chat import services as chat
from therapy.chat import writing
from therapy.chat.models import ChatSession, Message, Owner


def session_for(person_id: UUID) -> ChatSession:
    """The conversation a person last wrote in that is not ended; a new one where there is none."""
    session = ChatSession.objects.filter(person_id=person_id, ended_at=None).order_by("-last_message_at").first()
    return session or chat.open_session(person_id=person_id)


def say(session: ChatSession, text: str, *, source: str) -> Message:
    """Write a prepared question as the companion, so that the next message is read as its answer.

    Where a counsellor speaks, the companion is silent: then it is a notice. Call inside a transaction.
    """
    locked = ChatSession.objects.select_for_update().get(pk=session.pk)
    role = Message.Role.ASSISTANT if locked.owner == Owner.ASSISTANT else Message.Role.SYSTEM
    return writing.append(session=locked, role=role, text=text, provenance={"engine": "prepared", "source": source})
