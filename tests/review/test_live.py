"""The live conversation at the desk: only with a reading written down; both sides hear each other, see who speaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import Access, Credential, User
from accounts.services import log_access
from tests.chat.sockets import Socket
from tests.chat.test_consumer import hear, joined, say, tab
from therapy.chat import services as chat
from therapy.chat import takeover, tasks
from therapy.chat.models import ChatSession, Owner, Takeover
from therapy.review import live

pytestmark = pytest.mark.django_db(transaction=True)
DESK = "/ws/desk/"
Browser = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: None)


@pytest.fixture
def talk(transactional_db: None, alice: User) -> ChatSession:
    """A conversation in which Alice asks for a human."""
    session = chat.open_session(person_id=alice.pk)
    chat.post_message(person_id=alice.pk, session_id=session.pk, client_id=uuid4(), text="quincecanary hello")
    chat.request_human(person_id=alice.pk, session_id=session.pk)
    return session


def read(user: User, session: ChatSession) -> Access:
    return log_access(
        actor=user,
        person_id=session.person_id,
        what=Access.What.TRANSCRIPT,
        object_id=session.pk,
        reason="asked for a human",
    )


def url(session: ChatSession, step: str = "") -> str:
    return f"/desk/live/{session.pk}/{step}"


def test_no_word_is_shown_before_a_reason_is_written(desk: Client, talk: ChatSession, carol: User) -> None:
    page = desk.get(url(talk))
    assert b"quincecanary" not in page.content
    assert Access.objects.count() == 0
    page = desk.post(url(talk), {"reason": "asked for a human"}, follow=True)
    assert b"quincecanary" in page.content
    assert page["Cache-Control"] == "no-store"
    assert Access.objects.get().actor == carol


def test_a_reading_ends(desk: Client, talk: ChatSession, carol: User) -> None:
    read(carol, talk)
    Access.objects.update(at=timezone.now() - timedelta(minutes=31))
    assert b"quincecanary" not in desk.get(url(talk)).content


def test_the_one_who_speaks_may_stay_longer(desk: Client, talk: ChatSession, carol: User) -> None:
    read(carol, talk)
    desk.post(url(talk, "take/"))
    Access.objects.update(at=timezone.now() - timedelta(minutes=31))
    assert b"quincecanary" in desk.get(url(talk)).content


@pytest.mark.parametrize("step", ["take/", "back/", "send/"])
def test_without_a_reading_nothing_can_be_done(desk: Client, talk: ChatSession, step: str) -> None:
    desk.post(url(talk, step), {"text": "hello"})
    talk.refresh_from_db()
    assert talk.owner == Owner.ASSISTANT
    assert not talk.messages.filter(role="counsellor").exists()


@pytest.mark.parametrize("name", ["alice", "bob", "oscar"])
def test_others_find_nothing_here(
    request: pytest.FixtureRequest, browser: Browser, talk: ChatSession, name: str
) -> None:
    client = browser(request.getfixturevalue(name))
    for step in ("", "take/", "back/", "send/"):
        assert client.post(url(talk, step), {"reason": "curiosity"}).status_code in (302, 403, 404)
    assert b"quincecanary" not in client.get(url(talk), follow=True).content
    assert Access.objects.count() == 0


def test_forms_alone_carry_a_whole_stretch(desk: Client, talk: ChatSession, carol: User) -> None:
    read(carol, talk)
    desk.post(url(talk, "take/"))
    desk.post(url(talk, "send/"), {"text": "I am here.", "client_id": str(uuid4())})
    assert b"I am here." in desk.get(url(talk)).content
    desk.post(url(talk, "back/"))
    talk.refresh_from_db()
    assert talk.owner == Owner.ASSISTANT
    assert Takeover.objects.get().ending == Takeover.Ending.HANDED_BACK


def test_a_colleague_who_speaks_is_named(desk: Client, talk: ChatSession, carol: User, dan: User) -> None:
    read(carol, talk)
    takeover.take_over(user=dan, session_id=talk.pk)
    page = desk.post(url(talk, "take/"), follow=True).content.decode()
    assert "A colleague is already speaking" in page
    assert "dan speaks with this person" in page


def test_prepared_replies_are_in_the_language_of_the_conversation(talk: ChatSession) -> None:
    # Other tests empty every table, these rows too: made again as the migration makes them.
    import_module("therapy.chat.migrations.0004_canned_replies").add(apps, None)
    assert {reply.language for reply in live.canned_replies("zh")} == {"zh"}
    assert len(live.canned_replies("en")) >= 6


async def enter(socket: Socket, user: User, session: ChatSession) -> None:
    await database_sync_to_async(read)(user, session)
    await joined(socket, session.pk)


async def test_they_talk(alice: User, carol: User, talk: ChatSession) -> None:
    async with tab(alice) as person, tab(carol, path=DESK) as desk:
        await joined(person, talk.pk, since=3)
        await enter(desk, carol, talk)
        assert (await hear(desk, "owner"))["owner"] == "assistant"
        await database_sync_to_async(takeover.take_over)(user=carol, session_id=talk.pk)
        assert (await hear(desk, "owner"))["mine"] is True
        await hear(person, "message")
        client_id = str(uuid4())
        await say(desk, "send", client_id=client_id, text="I am here, quincecanary.")
        assert (await hear(desk, "accepted"))["client_id"] == client_id
        message = await hear(person, "message")
        assert (message["role"], message["name"], message["role_name"]) == ("counsellor", "carol", "counsellor")
        await say(desk, "typing")
        frame = await hear(person, "typing")
        assert (frame["role"], frame["name"]) == ("counsellor", "carol")
        await say(person, "typing")
        assert (await hear(desk, "typing"))["role"] == "user"
        await say(person, "send", client_id=uuid4(), text="thank you for being here")
        while (heard := await hear(desk, "message"))["role"] != "user" or "thank" not in heard["text"]:
            pass
        assert heard["risk"] == 0


async def test_danger_said_to_a_human_is_marked_at_the_desk(alice: User, carol: User, talk: ChatSession) -> None:
    await database_sync_to_async(takeover.take_over)(user=carol, session_id=talk.pk)
    async with tab(alice) as person, tab(carol, path=DESK) as desk:
        await joined(person, talk.pk, since=4)
        await enter(desk, carol, talk)
        await say(person, "send", client_id=uuid4(), text="I am going to kill myself tonight, I have the pills")
        assert (await hear(person, "card"))["card"] is None
        assert (await hear(person, "card"))["card"] is not None
        while not (heard := await hear(desk, "message"))["risk"]:
            pass
        assert heard["risk"] >= 3


async def test_the_desk_learns_whether_the_person_is_there(alice: User, carol: User, talk: ChatSession) -> None:
    async with tab(carol, path=DESK) as desk:
        await enter(desk, carol, talk)
        async with tab(alice) as person:
            await joined(person, talk.pk, since=3)
            await hear(desk, "here")
        await hear(desk, "gone")


async def test_who_does_not_speak_cannot_write(carol: User, talk: ChatSession) -> None:
    async with tab(carol, path=DESK) as desk:
        await enter(desk, carol, talk)
        await say(desk, "send", client_id=uuid4(), text="hello")
        assert (await hear(desk, "error"))["code"] == "not_yours"


@pytest.mark.parametrize("name", ["alice", "bob", "dan", "oscar"])
async def test_without_a_reading_the_socket_closes(
    request: pytest.FixtureRequest, make_person: Callable[..., User], talk: ChatSession, name: str
) -> None:
    user = await database_sync_to_async(_persona)(make_person, name)
    async with tab(user, path=DESK) as desk:
        assert await desk.connect()
        await say(desk, "join", session=talk.pk, since=0)
        assert (await hear(desk, "error"))["code"] == "signed_out"
        assert (await desk.receive_output(timeout=5))["type"] == "websocket.close"


def _persona(make_person: Callable[..., User], name: str) -> User:
    known = User.objects.filter(username=name).first()
    roles = {"dan": "counsellor", "oscar": "operator"}
    return known or make_person(name, role=roles.get(name, "client"))


async def test_an_expired_certificate_ends_the_socket(carol: User, talk: ChatSession) -> None:
    async with tab(carol, path=DESK) as desk:
        await enter(desk, carol, talk)
        expired = timezone.now().date() - timedelta(days=1)
        await Credential.objects.filter(user=carol).aupdate(valid_until=expired)
        await say(desk, "ping")
        assert (await hear(desk, "error"))["code"] == "signed_out"


async def test_the_open_page_keeps_the_conversation(
    carol: User, talk: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("therapy.review.live_socket._TICK_SECONDS", 0.1)
    stretch = await database_sync_to_async(takeover.take_over)(user=carol, session_id=talk.pk)
    await Takeover.objects.aupdate(seen_at=timezone.now() - timedelta(seconds=100))
    async with tab(carol, path=DESK) as desk:
        await enter(desk, carol, talk)
        while not (await hear(desk, "owner"))["here"]:
            pass
    await stretch.arefresh_from_db()
    assert stretch.seen_at > timezone.now() - timedelta(seconds=20)
