"""A conversation of Alice's through the real service, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from therapy.chat import services as chat
from therapy.chat.models import ChatSession
from therapy.chat.services import Posted

DANGER = "我不想活了，药已经准备好了"
CANARY = "heliotrope-canary-7431"

Say = Callable[[str], Posted]


@pytest.fixture
def session(alice: User) -> ChatSession:
    return chat.open_session(person_id=alice.pk)


@pytest.fixture
def say(session: ChatSession) -> Say:
    """Write a message of Alice's; it is screened as always."""

    def write(text: str) -> Posted:
        return chat.post_message(person_id=session.person_id, session_id=session.pk, client_id=uuid4(), text=text)

    return write


@pytest.fixture
def at_home(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client
