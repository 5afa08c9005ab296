"""The socket: who may open it, join and replay, bad frames, several tabs, and help when things are broken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.db import database_sync_to_async
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connections

from accounts.errors import SealBroken
from accounts.models import User
from tests.chat.sockets import Socket
from therapy.asgi import application
from therapy.chat import services, socket_reads, tasks, turn
from therapy.chat.models import ChatSession
from therapy.safety.models import RiskFlag

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = (b"origin", b"http://localhost")


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: None)


@pytest.fixture
def session(transactional_db: None, alice: User) -> ChatSession:
    return services.open_session(person_id=alice.pk)


def cookie_of(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    assert store.session_key
    return store.session_key


@asynccontextmanager
async def tab(
    user: User | None, *, origin: tuple[bytes, bytes] | None = ORIGIN, path: str = "/ws/chat/"
) -> AsyncIterator[Socket]:
    headers = [origin] if origin else []
    if user is not None:
        key = await database_sync_to_async(cookie_of)(user)
        headers.append((b"cookie", f"{django_settings.SESSION_COOKIE_NAME}={key}".encode()))
    socket = Socket(application, path, headers)
    try:
        yield socket
    finally:
        await socket.disconnect()
        await database_sync_to_async(connections.close_all)()


def run_and_close(turn_id: UUID) -> None:
    """One turn as a worker would run it: in a thread of its own, with its own connection."""
    try:
        turn.run(turn_id)
    finally:
        connections.close_all()


async def say(socket: Socket, kind: str, **fields: object) -> None:
    await socket.send_to(json.dumps({"v": 1, "type": kind, **fields}, default=str))


async def hear(socket: Socket, kind: str) -> dict[str, Any]:
    """The next frame of a kind; others are passed over."""
    for _attempt in range(40):
        frame: dict[str, Any] = json.loads(await socket.receive_from())
        if frame["type"] == kind:
            return frame
    raise AssertionError(f"no {kind} frame came")


async def joined(socket: Socket, session_id: UUID, since: int = 0) -> dict[str, Any]:
    assert await socket.connect()
    await say(socket, "join", session=session_id, since=since)
    return await hear(socket, "joined")


async def test_join_replays_what_was_missed(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk)
        assert (await hear(socket, "message"))["seq"] == 1


async def test_join_since_n_replays_nothing_twice(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await say(socket, "send", client_id=uuid4(), text="hello")
        assert (await hear(socket, "accepted"))["seq"] == 2
        assert (await hear(socket, "message"))["seq"] == 2


async def test_a_repeated_send_after_a_reconnect_is_one_message(alice: User, session: ChatSession) -> None:
    client_id = uuid4()
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await say(socket, "send", client_id=client_id, text="hello")
        first = await hear(socket, "accepted")
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=first["seq"])
        await say(socket, "send", client_id=client_id, text="hello")
        assert await hear(socket, "accepted") == first


async def test_a_long_absence_is_replayed_whole(
    alice: User, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word in ("one", "two", "three"):
        args = {"person_id": alice.pk, "session_id": session.pk, "client_id": uuid4(), "text": word}
        await database_sync_to_async(services.post_message)(**args)
    everything = socket_reads.messages
    monkeypatch.setattr(socket_reads, "messages", lambda *args: everything(*args)[:2])
    async with tab(alice) as socket:
        await joined(socket, session.pk)
        assert [(await hear(socket, "message"))["seq"] for _ in range(4)] == [1, 2, 3, 4]


async def test_two_tabs_show_the_same(alice: User, session: ChatSession) -> None:
    async with tab(alice) as one, tab(alice) as two:
        await joined(one, session.pk, since=1)
        await joined(two, session.pk, since=1)
        await say(one, "send", client_id=uuid4(), text="from the first tab")
        assert (await hear(two, "message"))["text"] == "from the first tab"


async def test_the_reply_arrives_as_pieces_and_as_a_message(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await say(socket, "send", client_id=uuid4(), text="I am worried about my exam")
        accepted = await hear(socket, "accepted")
        await hear(socket, "turn")
        await asyncio.to_thread(run_and_close, UUID(accepted["turn"]))
        seen, pieces = "", 0
        while True:
            frame = json.loads(await socket.receive_from())
            if frame["type"] == "token":
                assert frame["index"] == pieces
                seen, pieces = seen + frame["text"], pieces + 1
            if frame["type"] == "message" and frame["role"] == "assistant":
                break
        assert frame["seq"] == 3
        assert pieces == 0 or frame["text"].startswith(seen.strip()[:10])


async def test_danger_shows_the_card(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        assert (await hear(socket, "card"))["card"] is None
        await say(socket, "send", client_id=uuid4(), text="我不想活了，药已经准备好了")
        card = (await hear(socket, "card"))["card"]
        assert card["level"] in ("high", "imminent")
        assert "12356" in json.dumps(card["lines"])


async def test_danger_written_in_one_tab_shows_the_card_in_the_other(alice: User, session: ChatSession) -> None:
    async with tab(alice) as one, tab(alice) as two:
        await joined(one, session.pk, since=1)
        await joined(two, session.pk, since=1)
        assert (await hear(two, "card"))["card"] is None
        await say(one, "send", client_id=uuid4(), text="I am going to kill myself tonight")
        assert (await hear(two, "card"))["card"]["lines"]


async def test_danger_in_a_text_that_is_too_long_still_shows_the_card(alice: User, session: ChatSession) -> None:
    text = "I am going to kill myself tonight. " * 500
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await hear(socket, "card")
        await say(socket, "send", client_id=uuid4(), text=text)
        card = (await hear(socket, "card"))["card"]
        assert card["lines"]
        assert "nobody here has been told" in card["steps"][-1]
        assert (await hear(socket, "error"))["code"] == "too_long"


async def test_somebody_elses_session_is_not_found(bob: User, session: ChatSession) -> None:
    async with tab(bob) as socket:
        assert await socket.connect()
        await say(socket, "join", session=session.pk, since=0)
        assert (await hear(socket, "error"))["code"] == "not_found"


async def test_eve_is_told_to_sign_in() -> None:
    async with tab(None) as socket:
        assert await socket.connect()
        assert (await hear(socket, "error"))["code"] == "signed_out"
        assert (await socket.receive_output(timeout=5))["code"] == 4401


@pytest.mark.parametrize("origin", [None, (b"origin", b"https://evil.example")])
async def test_a_wrong_or_missing_origin_is_refused(alice: User, origin: tuple[bytes, bytes] | None) -> None:
    async with tab(alice, origin=origin) as socket:
        assert not await socket.connect()


async def test_a_sign_in_that_ended_is_noticed_at_the_next_frame(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await database_sync_to_async(SessionStore.get_model_class().objects.all().delete)()
        await say(socket, "send", client_id=uuid4(), text="hello")
        assert (await hear(socket, "error"))["code"] == "signed_out"


async def test_danger_in_a_message_after_the_sign_in_ended_still_shows_the_card(
    alice: User, session: ChatSession
) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await hear(socket, "card")
        await database_sync_to_async(SessionStore.get_model_class().objects.all().delete)()
        client_id = str(uuid4())
        await say(socket, "send", client_id=client_id, text="I am going to kill myself tonight")
        card = (await hear(socket, "card"))["card"]
        assert card["lines"]
        assert "nobody here has been told" in card["steps"][-1]
        error = await hear(socket, "error")
        assert (error["code"], error["client_id"]) == ("signed_out", client_id), "the words go back to the field"
        assert "was not sent" in error["text"]
        assert (await socket.receive_output(timeout=5))["code"] == 4401
    assert not await database_sync_to_async(RiskFlag.objects.exists)()


async def test_danger_before_a_conversation_is_joined_still_shows_the_card(alice: User) -> None:
    async with tab(alice) as socket:
        assert await socket.connect()
        await say(socket, "send", client_id=uuid4(), text="我不想活了，药已经准备好了")
        card = (await hear(socket, "card"))["card"]
        assert "12356" in json.dumps(card["lines"])
        assert "还没有保存" in card["steps"][-1]
        assert (await hear(socket, "error"))["code"] == "not_found"


async def test_everyday_words_that_are_refused_show_no_card(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        assert await socket.connect()
        await say(socket, "send", client_id=uuid4(), text="hello there")
        assert json.loads(await socket.receive_from())["type"] == "error"


async def test_a_new_password_ends_the_sockets_of_other_devices(alice: User, session: ChatSession) -> None:
    def change_password() -> None:
        user = User.objects.get(pk=alice.pk)
        user.set_password("quite another horse")
        user.save()

    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await database_sync_to_async(change_password)()
        await say(socket, "send", client_id=uuid4(), text="hello")
        assert (await hear(socket, "error"))["code"] == "signed_out"
        assert (await socket.receive_output(timeout=5))["code"] == 4401


async def test_bad_frames_are_answered_and_rubbish_closes_in_the_end(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await say(socket, "shout")
        assert (await hear(socket, "error"))["code"] == "unknown_type"
        for _attempt in range(4):
            await socket.send_to("{")
            assert (await hear(socket, "error"))["code"] == "not_json"
        await socket.send_to("{")
        assert (await socket.receive_output(timeout=5))["code"] == 4400


@pytest.mark.parametrize("fault", [DatabaseError, SealBroken])
async def test_a_fault_is_said_and_nothing_is_acknowledged(
    alice: User, session: ChatSession, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def away(**kwargs: object) -> None:
        raise fault("away")

    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        monkeypatch.setattr(services, "post_message", away)
        client_id = str(uuid4())
        await say(socket, "send", client_id=client_id, text="hello")
        error = await hear(socket, "error")
        assert (error["code"], error["client_id"]) == ("unavailable", client_id)


async def test_without_redis_the_message_is_kept_and_the_card_shown(
    alice: User, session: ChatSession, settings: Any
) -> None:
    layers = {"default": dict(settings.CHANNEL_LAYERS["default"])}
    layers["default"]["CONFIG"] = {"hosts": [{"address": "redis://127.0.0.1:1/0", "socket_connect_timeout": 0.3}]}
    settings.CHANNEL_LAYERS = layers
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await hear(socket, "card")
        await say(socket, "send", client_id=uuid4(), text="I want to kill myself tonight, I have the pills here")
        assert (await hear(socket, "accepted"))["seq"] == 2
        assert (await hear(socket, "card"))["card"]["lines"]


async def test_disputing_folds_the_card(alice: User, session: ChatSession) -> None:
    async with tab(alice) as socket:
        await joined(socket, session.pk, since=1)
        await hear(socket, "card")
        await say(socket, "send", client_id=uuid4(), text="I want to kill myself tonight")
        # On a slow machine a card from the text alone comes first, and the owed one twice: each may be shown anew.
        while not (flag := (await hear(socket, "card"))["card"].get("flag")):
            pass
        await say(socket, "dispute", flag=flag)
        while not (await hear(socket, "card"))["card"]["collapsed"]:
            pass


async def test_a_follower_reads_only_what_the_person_may_read(bob: User, session: ChatSession) -> None:
    assert await database_sync_to_async(socket_reads.snapshot)(bob.pk, session.pk) is None
    assert await database_sync_to_async(socket_reads.messages)(bob.pk, session.pk, 0) == []
