"""What the person's page is told when a human comes and goes, in mid-sentence too."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async

from accounts.models import User
from tests.chat.sockets import Socket
from tests.chat.test_consumer import hear, joined, say, tab
from therapy.chat import services, takeover, tasks
from therapy.chat.models import ChatSession
from therapy.chat.tokens import TokenWriter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: None)


@pytest.fixture
def session(transactional_db: None, alice: User) -> ChatSession:
    return services.open_session(person_id=alice.pk)


async def heard_within(socket: Socket, seconds: float) -> list[dict[str, Any]]:
    """Every frame of the next moments."""
    found = []
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        if await socket.receive_nothing(timeout=0.1):
            continue
        found.append(json.loads(await socket.receive_from()))
    return found


async def test_the_page_is_told_who_speaks(alice: User, carol: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        assert (await hear(socket, "owner"))["owner"] == "assistant"
        await database_sync_to_async(takeover.take_over)(user=carol, session_id=session.pk)
        frame = await hear(socket, "owner")
        assert (frame["owner"], frame["name"], frame["role_name"], frame["here"]) == (
            "counsellor",
            "carol",
            "counsellor",
            True,
        )
        assert (await hear(socket, "message"))["role"] == "system"
        await database_sync_to_async(takeover.say)(
            user=carol, session_id=session.pk, client_id=uuid4(), text="I am here."
        )
        message = await hear(socket, "message")
        assert (message["role"], message["name"], message["text"]) == ("counsellor", "carol", "I am here.")
        await database_sync_to_async(takeover.hand_back)(user=carol, session_id=session.pk)
        assert (await hear(socket, "owner"))["owner"] == "assistant"


async def test_no_piece_of_a_reply_leaves_after_the_take_over(alice: User, carol: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await say(socket, "send", client_id=uuid4(), text="hello")
        turn = (await hear(socket, "accepted"))["turn"]
        writer = await database_sync_to_async(TokenWriter)(turn, alice.pk, 1)

        def write(text: str) -> None:
            writer.write(text)
            writer.flush()

        await database_sync_to_async(write)("I hear ")
        assert (await hear(socket, "token"))["text"] == "I hear "
        await database_sync_to_async(takeover.take_over)(user=carol, session_id=session.pk)
        await hear(socket, "owner")
        for piece in ("you. ", "That ", "is hard."):
            await database_sync_to_async(write)(piece)
        frames = await heard_within(socket, 3.0)
        assert "token" not in {frame["type"] for frame in frames}
        assert "superseded" in {frame.get("status") for frame in frames}


async def test_a_message_to_a_human_owes_no_reply(alice: User, carol: User, session: ChatSession) -> None:
    await database_sync_to_async(takeover.take_over)(user=carol, session_id=session.pk)
    async with tab(alice) as socket:
        frame = await joined(socket, session.pk, since=2)
        assert frame["owner"] == "counsellor"
        await say(socket, "send", client_id=uuid4(), text="hello")
        assert (await hear(socket, "accepted"))["turn"] is None
