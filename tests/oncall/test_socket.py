"""The live feed: says "ask now" to counselling staff, nothing else and to nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from tests.chat.sockets import Socket
from therapy.core import live
from therapy.oncall.socket import CLOSE_SIGNED_OUT, AlertsConsumer
from therapy.safety.services import DESK

pytestmark = pytest.mark.django_db(transaction=True)


def connected(user: object) -> Socket:
    socket = Socket(AlertsConsumer.as_asgi(), "/ws/desk/alerts/", [])
    socket.scope |= {"user": user, "session": {}}
    return socket


async def test_staff_hears_that_something_changed(carol: User) -> None:
    socket = connected(carol)
    assert await socket.connect()
    assert await socket.receive_nothing(0.5)
    await sync_to_async(live.publish)(DESK, "alert", alert="1", level=4)
    assert json.loads(await socket.receive_from()) == {"changed": True}
    await socket.disconnect()


async def test_others_are_sent_away(make_person: Callable[..., User], alice: User) -> None:
    for user in (alice, None):
        socket = connected(user)
        await socket.connect()
        closed = await socket.receive_output(5)
        assert (closed["type"], closed["code"]) == ("websocket.close", CLOSE_SIGNED_OUT)
