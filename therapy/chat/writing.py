"""Writing messages into a session, and pacing a finished reply so that it can be read as it comes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import keys
from accounts.selectors import open_profile
from ml.types import ReplyChunk, RiskAssessment, RiskLevel
from therapy.chat import selectors
from therapy.chat.models import ChatSession, Message
from therapy.core import live

# Engines whose sentences are ready at once; the others set their own pace.
_INSTANT_ENGINES = frozenset({"companion"})
_PIECE = re.compile(r"\S+\s*|\s+|[^\x00-\x7f]{1,3}")


def append(
    *,
    session: ChatSession,
    role: str,
    text: str,
    client_id: UUID | None = None,
    assessment: RiskAssessment | None = None,
    language: str = "",
    provenance: dict[str, object] | None = None,
) -> Message:
    """Write the next message of a session. Call inside a transaction; the session row is locked here."""
    locked = ChatSession.objects.select_for_update().get(pk=session.pk)
    message = Message(
        id=uuid4(),
        session=locked,
        seq=locked.last_seq + 1,
        role=role,
        client_id=client_id,
        language=language or (assessment.language if assessment else locked.language),
        risk_level=assessment.level if assessment else RiskLevel.NONE,
        risk_kind=assessment.kind if assessment else "",
        provenance=provenance or {},
    )
    binding = selectors.message_binding(message, locked.person_id)
    message.body_sealed = keys.seal_text(text, binding, locked.person_id)
    message.save(force_insert=True)
    locked.last_seq = message.seq
    locked.last_message_at = timezone.now()
    locked.save(update_fields=["last_seq", "last_message_at"])
    live.publish_on_commit(live.session_group(locked.pk), "message", seq=message.seq)
    return message


def append_reply(session: ChatSession, text: str, language: str, provenance: dict[str, object]) -> Message:
    """Write the assistant's reply. Call inside the transaction that checked attempt and epoch."""
    return append(session=session, role=Message.Role.ASSISTANT, text=text, language=language, provenance=provenance)


def notice_text(name: str) -> str:
    """What a notice says, in the active language."""
    texts = {
        "hello": _(
            "Hello, I am Attune. I am an AI, a computer program, not a human, and I cannot feel what you feel. "
            "I am here to listen and to help you find your next step, or a person. What is on your mind?"
        ),
        "plan": _(
            "From what you have told so far, a first draft of your own plan is being written: a few small steps, each "
            "with its reason. You find it under “My plan”. A counsellor looks at it before it counts."
        ),
    }
    return texts[name]


def append_notice(session: ChatSession, name: str) -> Message:
    """Write one of the product's own sentences, in the language of the person's pages. Call inside a transaction."""
    with translation.override(open_profile(session.person_id).language):
        return append(session=session, role=Message.Role.SYSTEM, text=notice_text(name))


def pieces(text: str) -> list[str]:
    """A text in readable pieces: words with their blanks, or up to three characters of a script without blanks."""
    found: list[str] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        if len(piece) > 12 and not piece.isascii():
            found.extend(piece[start : start + 2] for start in range(0, len(piece), 2))
        else:
            found.append(piece)
    return found


def paced(chunks: Iterable[ReplyChunk], engine: str, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
    """The chunks of an instant engine in pieces with a short rest between; other engines' chunks as they come."""
    rest = settings.COMPANION_PACE_SECONDS if engine in _INSTANT_ENGINES else 0.0
    for chunk in chunks:
        if not rest or not chunk.text:
            yield chunk
            continue
        for piece in pieces(chunk.text):
            if is_cancelled():
                yield replace(chunk, text="", finish="cancelled")
                return
            yield ReplyChunk(piece)
            time.sleep(rest)
        if chunk.finish:
            yield replace(chunk, text="")
