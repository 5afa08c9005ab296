"""Odd texts, oversized frames, floods and strangers, over the real socket; the conversation lives on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.e2e.people import PASSWORD, Person
from tests.e2e.running import Running, wait_until

pytestmark = pytest.mark.e2e
ODD = {
    "markup": "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b> & &amp;",
    "right to left": "שלום, אני עייף מאוד היום",
    "emoji": "😀👩‍👩‍👧🫠",
    "direction marks": "a\u202eb\u2066c\u2069 is how it feels",
}


class Socket:
    """The socket of a person who is signed in in a browser, spoken to without the page."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, kind: str, **fields: object) -> None:
        self.connection.send(json.dumps({"v": 1, "type": kind, **fields}, default=str))

    def hear(self, *kinds: str, seconds: float = 15) -> dict[str, Any]:
        """The next frame of one of these kinds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            frame: dict[str, Any] = json.loads(self.connection.recv(timeout=end - time.monotonic()))
            if frame["type"] in kinds:
                return frame
        raise AssertionError(f"no {kinds} within {seconds} s")

    def close_code(self) -> int:
        """Read on until the server closes."""
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 what was on its way comes first
            while True:
                self.connection.recv(timeout=15)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@pytest.fixture
def socket_of(running: Running) -> Iterator[Callable[..., Socket]]:
    opened = ExitStack()

    def make(person: Person, *, join: str = "", origin: str = "") -> Socket:
        cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in person.page.context.cookies())
        address = running.address.replace("http:", "ws:") + "/ws/chat/"
        shaken = connect(
            address,
            origin=origin or running.address,
            additional_headers={"Cookie": cookies},
            proxy=None,
            close_timeout=1,
        )
        socket = Socket(opened.enter_context(shaken))
        if join:
            socket.say("join", session=join, since=0)
            socket.hear("joined")
        return socket

    with opened:
        yield make


def test_odd_texts_are_shown_as_they_are(person: Callable[..., Person]) -> None:
    zoe = person("zoe")
    zoe.open_chat()
    dialogs: list[str] = []
    zoe.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for text in ODD.values():
        zoe.say(text)
    expect(zoe.messages("user")).to_have_count(len(ODD), timeout=20_000)
    zoe.await_reply()
    for _time in range(2):
        assert zoe.page.locator("[data-log] .message-user .message-text").all_text_contents() == list(ODD.values())
        assert zoe.page.locator("[data-log]").locator("img, script, b").count() == 0
        zoe.page.reload()
        zoe.page.wait_for_selector("[data-chat][data-state=joined]")
    assert dialogs == []


def test_a_text_that_is_too_long_stays_in_the_field(person: Callable[..., Person]) -> None:
    leo = person("leo")
    leo.open_chat()
    status, field = leo.page.locator("[data-status]"), leo.page.locator("#chat-text")
    for length in (5_000, 100_000):
        leo.say("a" * length)
        expect(status).to_contain_text("shorter parts")
        assert len(field.input_value()) == length
        expect(leo.messages("user")).to_have_count(0)
    leo.say("   \n ")
    leo.say("a short one")
    leo.await_reply()
    assert leo.messages("user").count() == 1


def test_bad_texts_over_the_socket(person: Callable[..., Person], socket_of: Callable[..., Socket]) -> None:
    una = person("una")
    socket = socket_of(una, join=una.open_chat())
    for text, code in (("", "empty"), (" \n\t ", "empty"), ("\x00\x07\x1b", "empty"), ("b" * 5000, "too_long")):
        client_id = str(uuid4())
        socket.say("send", client_id=client_id, text=text)
        error = socket.hear("error", "accepted")
        assert (error["type"], error["code"], error["client_id"]) == ("error", code, client_id)
    socket.say("send", client_id=uuid4(), text="bell\x07 and \x00null")
    socket.hear("accepted")
    message = socket.hear("message")
    while message["role"] != "user":
        message = socket.hear("message")
    assert message["text"] == "bell and null"


def test_a_megabyte_is_refused_and_five_or_a_huge_one_end_the_socket(
    person: Callable[..., Person], socket_of: Callable[..., Socket]
) -> None:
    max_ = person("max")
    session = max_.open_chat()
    socket = socket_of(max_, join=session)
    for _attempt in range(4):
        socket.say("send", client_id=uuid4(), text="c" * (1 << 20))
        assert socket.hear("error")["code"] == "frame_too_large"
    socket.say("ping")
    socket.hear("pong")
    socket.say("send", client_id=uuid4(), text="c" * (1 << 20))
    assert socket.close_code() == 4400
    socket = socket_of(max_, join=session)
    with suppress(ConnectionClosed):  # while it is still being sent
        socket.say("send", client_id=uuid4(), text="d" * (17 << 20))
    assert socket.close_code() == 1009
    max_.say("the page in the browser is not touched by any of this")
    max_.await_reply()


def test_two_hundred_messages_in_a_second(
    person: Callable[..., Person], socket_of: Callable[..., Socket], running: Running
) -> None:
    ivy = person("ivy")
    session = ivy.open_chat()
    socket = socket_of(ivy, join=session)
    began = time.monotonic()
    for number in range(200):
        socket.say("send", client_id=uuid4(), text=f"message {number}")
    answers = [socket.hear("accepted", "error", seconds=60) for _number in range(200)]
    accepted = sum(answer["type"] == "accepted" for answer in answers)
    assert 20 <= accepted <= 20 * (1 + int((time.monotonic() - began) // 60)), "twenty a minute"
    assert {answer["code"] for answer in answers if answer["type"] == "error"} == {"rate_limited"}
    socket.say("send", client_id=uuid4(), text="I am going to kill myself tonight, the pills are in my hand")
    assert socket.hear("accepted", "error")["type"] == "accepted", "danger is never refused for speed"
    expect(ivy.page.locator("[data-card]")).to_be_visible(timeout=10_000)
    still_open = "SELECT 1 FROM chat_turn WHERE session_id = %s AND status IN ('queued', 'running')"
    wait_until(lambda: not running.query(still_open, session), 60, "every reply is written")
    newest = "SELECT status FROM chat_turn WHERE session_id = %s ORDER BY queued_at DESC LIMIT 1"
    assert running.query(newest, session) == [("completed",)]
    # Asked anew each time: a notice about the plan may still follow the last reply.
    last_seq = "SELECT last_seq FROM chat_chatsession WHERE id = %s"
    wait_until(
        lambda: ivy.numbers() == list(range(1, int(str(running.query(last_seq, session)[0][0])) + 1)),
        20,
        "every message is shown once, in order",
    )


def test_strangers_are_refused(
    person: Callable[..., Person], socket_of: Callable[..., Socket], running: Running
) -> None:
    owner, other = person("owner"), person("other")
    session = owner.open_chat()
    with pytest.raises(InvalidStatus) as refused:
        socket_of(owner, origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403
    socket = socket_of(other)
    socket.say("join", session=session, since=0)
    assert socket.hear("error", "joined")["code"] == "not_found"
    socket.say("send", client_id=uuid4(), text="into somebody else's conversation")
    assert socket.hear("error", "accepted")["code"] == "not_found"
    kept = running.query("SELECT count(*) FROM chat_message WHERE session_id = %s AND role = 'user'", session)
    assert kept == [(0,)]


def test_signing_out_ends_the_socket_and_a_second_sign_in_works(
    person: Callable[..., Person], socket_of: Callable[..., Socket], new_context: Callable[..., BrowserContext]
) -> None:
    ada = person("ada-twice")
    session = ada.open_chat()
    socket = socket_of(ada, join=session)
    second = Person(new_context().new_page(), "ada-twice")
    second.sign_in("ada-twice", PASSWORD)
    second.page.goto(f"/chat/{session}/")
    second.page.wait_for_selector("[data-chat][data-state=joined]")
    elsewhere = Person(ada.page.context.new_page(), "ada-twice")
    elsewhere.page.goto("/accounts/logout/")
    elsewhere.page.locator("main form button").last.click()
    elsewhere.page.wait_for_url("**/")
    socket.say("send", client_id=uuid4(), text="from a sign-in that is over")
    assert socket.hear("error", "accepted")["code"] == "signed_out"
    assert socket.close_code() == 4401
    second.say("the other sign-in still holds")
    second.await_reply()
    assert second.messages("user").count() == 1
