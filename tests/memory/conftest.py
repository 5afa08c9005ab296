"""Alice, who lets things be remembered, a conversation of hers, and a worker's turn in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from accounts.models import User
from ml.types import EngineInfo, ReplyChunk, ReplyRequest
from therapy.chat import services as chat
from therapy.chat import turn
from therapy.chat.models import ChatSession
from therapy.core import engines
from therapy.memory import services


class Listener:
    """An engine that remembers what it was told."""

    def __init__(self) -> None:
        self.requests: list[ReplyRequest] = []

    def info(self) -> EngineInfo:
        return EngineInfo(engine="listener", model="test")

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        self.requests.append(request)
        yield ReplyChunk("I hear you.")
        yield ReplyChunk("", finish="stop")

    def close(self) -> None:
        return None


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    engine = Listener()
    monkeypatch.setattr(engines, "language_model", lambda: engine)
    return engine


@pytest.fixture
def willing(alice: User) -> User:
    services.switch(person_id=alice.pk, is_on=True)
    return alice


@pytest.fixture
def session(alice: User) -> ChatSession:
    return chat.open_session(person_id=alice.pk)


@pytest.fixture
def say(alice: User) -> Callable[..., None]:
    """Post a message and write its reply, as a worker would."""

    def speak(session: ChatSession, text: str) -> None:
        posted = chat.post_message(person_id=alice.pk, session_id=session.pk, client_id=uuid4(), text=text)
        assert posted.turn_id
        turn.run(posted.turn_id)

    return speak
