"""What the socket reads of the database, in plain synchronous functions: snapshots, messages, the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import Profile, User
from accounts.selectors import may_use_service
from ml.types import Language, RiskLevel
from therapy.chat import selectors
from therapy.chat.models import Owner, Turn
from therapy.chat.selectors import TurnView
from therapy.chat.speakers import Speaker, speaker_of
from therapy.core import engines
from therapy.safety import cards, hotlines, screening


@dataclass(frozen=True, slots=True)
class TurnState:
    """The newest turn of a session."""

    view: TurnView

    @property
    def id(self) -> UUID:
        """Turn id."""
        return self.view.id

    @property
    def status(self) -> str:
        """Turn status."""
        return self.view.status

    @property
    def is_open(self) -> bool:
        """Whether a reply is still owed."""
        return self.view.status in Turn.OPEN

    def as_frame(self) -> dict[str, object]:
        """What a browser is told of it."""
        view = self.view
        return {
            "turn": str(view.id),
            "status": view.status,
            "attempt": view.attempt,
            "place": view.place,
            "eta": view.eta,
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where a session stands."""

    last_seq: int
    speaker: Speaker
    language: str
    turn: TurnState | None
    chosen_country: str = ""

    @property
    def is_assistant(self) -> bool:
        """Whether the assistant speaks."""
        return self.speaker.owner == Owner.ASSISTANT


def may_chat(scope: Mapping[str, Any]) -> bool:
    """Whether the socket's sign-in still holds: not ended, expired or outlived by a new password; consent given."""
    user, session = scope.get("user"), scope.get("session")
    if user is None or session is None or not session.session_key:
        return False
    # Read anew: what the socket holds is from when it was opened.
    stored = SessionStore(session.session_key).load()
    person = User.objects.filter(pk=user.pk, is_active=True).first()
    if person is None or stored.get(SESSION_KEY) != str(person.pk):
        return False
    if not constant_time_compare(stored.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return False
    return may_use_service(person.pk)


def language(person_id: UUID) -> str:
    """Interface language of a person."""
    return Profile.objects.filter(person_id=person_id).values_list("language", flat=True).first() or "en"


def snapshot(person_id: UUID, session_id: UUID) -> Snapshot | None:
    """Where a session stands; None if it is not this person's."""
    session = selectors.session_of(person_id, session_id)
    if session is None:
        return None
    turn = selectors.open_turn(session_id) or selectors.last_turn(session_id)
    state = TurnState(selectors.view_turn(turn, timezone.now())) if turn else None
    speaker = speaker_of(session, timezone.now())
    return Snapshot(session.last_seq, speaker, session.language, state, selectors.chosen_country(session))


def messages(person_id: UUID, session_id: UUID, since: int) -> list[dict[str, object]]:
    """Frames of the messages after `since`."""
    session = selectors.session_of(person_id, session_id)
    return [view.as_frame() for view in selectors.messages_since(session, since)] if session else []


def card(person_id: UUID, session_id: UUID) -> dict[str, object] | None:
    """The crisis card owed in a session."""
    session = selectors.session_of(person_id, session_id)
    if session is None:
        return None
    spoken = selectors.language_of(session)
    owed = cards.card_for_session(session_id, language=spoken, country=selectors.country_of(session))
    return owed.as_dict() if owed else None


def card_for_text(person_id: UUID, session_id: UUID, text: str) -> dict[str, object] | None:
    """The card that a text would be owed which was not accepted for other reasons; it says that nobody was told."""
    session = selectors.session_of(person_id, session_id)
    if session is None:
        return None
    return card_alone(text, selectors.language_of(session), selectors.chosen_country(session))


def card_alone(text: str, language: Language, chosen_country: str) -> dict[str, object] | None:
    """The card for a text by itself: no row is read, so it works with the database away.

    No row is written, either: no flag, no alert. The card says so, and does not promise that the team is being told.
    """
    spoken = engines.detect_language(text[:2000], language)
    assessment = screening.screen(text, (), spoken)
    if assessment.level < RiskLevel.MODERATE:
        return None
    country = hotlines.country_for(chosen_country, "", spoken)
    aspects = cards.aspects_of(assessment.evidence)
    owed = cards.card(
        assessment.level,
        assessment.kind,
        language=spoken,
        country=country,
        flag_id=None,
        aspects=aspects,
        unsent=True,
    )
    return owed.as_dict()
