"""A session of Alice's, and short ways to write into it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from therapy.chat import services
from therapy.chat.models import ChatSession
from therapy.chat.services import Posted


@pytest.fixture
def session(alice: User) -> ChatSession:
    return services.open_session(person_id=alice.pk)


@pytest.fixture
def post(alice: User, session: ChatSession) -> Callable[..., Posted]:
    def write(text: str, client_id: UUID | None = None) -> Posted:
        return services.post_message(
            person_id=alice.pk, session_id=session.pk, client_id=client_id or uuid4(), text=text
        )

    return write
