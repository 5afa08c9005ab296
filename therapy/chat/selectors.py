"""Reads of chat: sessions, messages opened for a reader, turns in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Avg, F, Q
from django.utils import timezone

from accounts import keys
from accounts.crypto import Binding
from accounts.models import Profile
from ml.types import HUMAN_CAME, HUMAN_LEFT, ChatTurn, Language, RiskLevel
from therapy.chat import speakers
from therapy.chat.models import ChatSession, Message, Turn
from therapy.safety import hotlines

# Replies are answered in order of asking; the mean of the last ones says how long one takes.
_RECENT_TURNS = 50
_SNIPPET = 60
# Notices that an engine must know of, and what it is told.
_MARKERS = {"taken_over": HUMAN_CAME, "handed_back": HUMAN_LEFT, "counsellor_lost": HUMAN_LEFT}
# What was said longer ago was another sitting. It lives on in the person's level, not in how today's words are read.
SITTING = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message in the clear."""

    id: UUID
    seq: int
    role: str
    text: str
    created_at: datetime
    language: str
    risk_level: int
    risk_kind: str
    provenance: dict[str, Any]
    client_id: UUID | None
    author_name: str = ""
    author_role: str = ""

    @property
    def author(self) -> str:
        """The human of the team who wrote it, by name and role, in the active language."""
        return speakers.label(self.author_name, self.author_role)

    def as_frame(self) -> dict[str, object]:
        """What a browser is told of it."""
        return {
            "id": str(self.id),
            "seq": self.seq,
            "role": self.role,
            "text": self.text,
            "client_id": str(self.client_id) if self.client_id else None,
            "name": self.author_name,
            "role_name": self.author_role,
            "created_at": self.created_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class SessionView:
    """A line of the session list."""

    id: UUID
    snippet: str
    last_message_at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class TurnView:
    """State of a reply that is owed. `place` counts replies before it; `eta` is in seconds."""

    id: UUID
    status: str
    attempt: int
    place: int
    eta: int
    waited: float


def message_binding(message: Message, person_id: UUID) -> Binding:
    """Where a sealed body belongs."""
    return Binding("chat_message", "body_sealed", message.pk, person_id)


def open_message(message: Message, person_id: UUID) -> MessageView:
    """A message with its body opened."""
    return MessageView(
        id=message.pk,
        seq=message.seq,
        role=message.role,
        text=keys.unseal_text(message.body_sealed, message_binding(message, person_id), person_id),
        created_at=message.created_at,
        language=message.language,
        risk_level=message.risk_level,
        risk_kind=message.risk_kind,
        provenance=message.provenance,
        client_id=message.client_id,
        author_name=message.author.username if message.author else "",
        author_role=message.author.role if message.author else "",
    )


def session_of(person_id: UUID, session_id: UUID) -> ChatSession | None:
    """A session, only if it is this person's."""
    return ChatSession.objects.filter(pk=session_id, person_id=person_id).first()


def language_of(session: ChatSession) -> Language:
    """Language of a session."""
    return "zh" if session.language == "zh" else "en"


def country_of(session: ChatSession) -> str:
    """Country whose help lines to show: the profile's, else the browser's, else the language's; empty if unknown."""
    return hotlines.country_for(chosen_country(session), "", language_of(session))


def chosen_country(session: ChatSession) -> str:
    """Country of the profile, else of the browser; empty where neither is known."""
    chosen = Profile.objects.filter(person_id=session.person_id).values_list("country", flat=True).first()
    return chosen or session.browser_country


def messages_since(session: ChatSession, since: int, *, limit: int = 500) -> list[MessageView]:
    """Messages after sequence number `since`, oldest first."""
    rows = session.messages.filter(seq__gt=since).select_related("author").order_by("seq")[:limit]
    return [open_message(row, session.person_id) for row in rows]


def transcript(session_id: UUID) -> list[MessageView]:
    """A whole session, oldest first. The caller has logged the reading."""
    session = ChatSession.objects.get(pk=session_id)
    return [open_message(row, session.person_id) for row in session.messages.select_related("author").order_by("seq")]


def turns_with_markers(session: ChatSession, *, limit: int = 16) -> tuple[ChatTurn, ...]:
    """The last messages for an engine, with a mark where a counsellor came and where they left."""
    spoken = ~Q(role=Message.Role.SYSTEM) | Q(provenance__notice__in=list(_MARKERS))
    rows = session.messages.filter(spoken).select_related("author").order_by("-seq")[:limit]
    return tuple(_as_turn(row, session.person_id) for row in reversed(rows))


def _as_turn(row: Message, person_id: UUID) -> ChatTurn:
    if row.role == Message.Role.SYSTEM:
        return ChatTurn(role="system", text=_MARKERS[row.provenance["notice"]])
    return ChatTurn(role=row.role, text=open_message(row, person_id).text)  # type: ignore[arg-type]


def recent_turns(session: ChatSession, *, limit: int = 16) -> tuple[ChatTurn, ...]:
    """The last messages of this sitting as model turns, oldest first; notices are left out."""
    spoken = session.messages.exclude(role=Message.Role.SYSTEM)
    rows = spoken.filter(created_at__gt=timezone.now() - SITTING).order_by("-seq")
    views = [open_message(row, session.person_id) for row in rows[:limit]]
    return tuple(ChatTurn(role=view.role, text=view.text) for view in reversed(views))  # type: ignore[arg-type]


def sessions_of(person_id: UUID) -> list[SessionView]:
    """A person's sessions, newest first, each with the first words they wrote."""
    views = []
    for session in ChatSession.objects.filter(person_id=person_id).order_by("-last_message_at"):
        first = session.messages.filter(role=Message.Role.USER).order_by("seq").first()
        words = open_message(first, person_id).text if first else ""
        snippet = words[:_SNIPPET] + ("…" if len(words) > _SNIPPET else "")
        views.append(SessionView(session.pk, snippet, session.last_message_at, session.ended_at is not None))
    return views


def open_turn(session_id: UUID) -> Turn | None:
    """The turn being written or, else, the next one waiting."""
    return (
        Turn.objects.filter(session_id=session_id, status__in=Turn.OPEN)
        .order_by(F("status").desc(), "queued_at")
        .first()
    )


def last_turn(session_id: UUID) -> Turn | None:
    """The newest turn of a session."""
    return Turn.objects.filter(session_id=session_id).order_by("-queued_at").first()


def mean_turn_seconds() -> float:
    """Mean time from start to end of the last replies; 3 s while none is known."""
    recent = Turn.objects.filter(status=Turn.Status.COMPLETED).order_by("-finished_at").values("pk")[:_RECENT_TURNS]
    mean = Turn.objects.filter(pk__in=list(recent.values_list("pk", flat=True))).aggregate(
        mean=Avg(F("finished_at") - F("started_at"))
    )["mean"]
    return float(mean.total_seconds()) if mean else 3.0


def view_turn(turn: Turn, now: datetime) -> TurnView:
    """Status of a turn with its place in the queue."""
    place = 0
    if turn.status == Turn.Status.QUEUED:
        place = Turn.objects.filter(status=Turn.Status.QUEUED, queued_at__lt=turn.queued_at).count() + 1
    eta = round(place * mean_turn_seconds() / settings.INFERENCE_CONCURRENCY) if place else 0
    waited = (now - turn.queued_at).total_seconds()
    return TurnView(turn.pk, turn.status, turn.attempt, place, max(eta, 1) if place else 0, waited)


def used_entries(session: ChatSession) -> frozenset[str]:
    """Bank entries already spoken in a session, so that no wording comes twice."""
    used: set[str] = set()
    for provenance in session.messages.filter(role=Message.Role.ASSISTANT).values_list("provenance", flat=True):
        used.update(provenance.get("entries", ()))
    return frozenset(used)


def highest_recent_risk(session: ChatSession, *, messages: int) -> RiskLevel:
    """Highest level among the last messages of the person in a session."""
    rows = session.messages.filter(role=Message.Role.USER).order_by("-seq").values_list("risk_level", flat=True)
    return RiskLevel(max(rows[:messages], default=0))


def count_answered(person_id: UUID) -> int:
    """How many of a person's messages have been answered, over all sessions."""
    return Turn.objects.filter(session__person_id=person_id, status=Turn.Status.COMPLETED).count()
