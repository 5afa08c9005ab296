"""The voice of the drill: a conversation of the synthetic person, as every message goes. No reply is owed to it."""

from __future__ import annotations

from uuid import UUID, uuid4

from therapy.chat import services
from therapy.chat.models import ChatSession, Owner


def speak(person_id: UUID, texts: tuple[str, ...]) -> UUID:
    """Begin a conversation, say these sentences, return the conversation's id."""
    session = services.open_session(person_id=person_id)
    ChatSession.objects.filter(pk=session.pk).update(owner=Owner.NOBODY)
    for text in texts:
        services.post_message(person_id=person_id, session_id=session.pk, client_id=uuid4(), text=text)
    return session.pk


def forget(person_id: UUID) -> None:
    """Remove every conversation of the person, with its flags and alerts."""
    ChatSession.objects.filter(person_id=person_id).delete()
