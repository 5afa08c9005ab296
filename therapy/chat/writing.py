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
from accounts.models import User
from accounts.selectors import open_profile
from ml.types import ReplyChunk, RiskAssessment, RiskLevel
from therapy.chat import selectors, speakers
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
    author: User | None = None,
) -> Message:
    """Write the next message of a session. Call inside a transaction; the session row is locked here."""
    locked = ChatSession.objects.select_for_update().get(pk=session.pk)
    message = Message(
        id=uuid4(),
        session=locked,
        seq=locked.last_seq + 1,
        role=role,
        client_id=client_id,
        author=author,
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
    return texts[name] if name in texts else _human_notice(name)


def _human_notice(name: str) -> str:
    """What is said when a human comes, goes, or is asked for; `{who}` is their name and role."""
    texts = {
        "taken_over": _("{who} is here now and reads what you wrote: a human. Attune, the AI, stays silent meanwhile."),
        "handed_back": _("{who} has left this conversation. From here on Attune answers again: an AI, not a human."),
        "counsellor_lost": _(
            "The connection to {who} was lost and has not come back. We are sorry. Attune, the AI, answers again, and "
            "our team has been told that you were speaking with a human. If it is urgent, use “Get help now”."
        ),
        "asked": _("You asked for a human. Our team has been told. You can go on writing here meanwhile."),
        "asked_nobody": _(
            "You asked for a human. Nobody is on duty at this moment; your wish is kept, and the first counsellor who "
            "comes will see it. You can go on writing here meanwhile. If it cannot wait, use “Get help now”."
        ),
        "unasked": _("You no longer ask for a human. You can ask again whenever you like."),
    }
    return texts[name]


def append_notice(session: ChatSession, name: str, *, by: User | None = None) -> Message:
    """Write one of the product's own sentences, in the language of the person's pages. Call inside a transaction."""
    with translation.override(open_profile(session.person_id).language):
        text = notice_text(name).replace("{who}", speakers.named(by))
        return append(session=session, role=Message.Role.SYSTEM, text=text, author=by, provenance={"notice": name})


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
