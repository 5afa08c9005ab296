"""The subscription behind a socket: it must outlive quiet times, and do without Redis."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from therapy.chat.feed import Feed
from therapy.core import live


async def test_a_quiet_subscription_still_hears() -> None:
    # The Redis client's own default would drop a subscription that hears nothing for 5 s.
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    session_id = uuid4()
    feed = Feed(heard.put)
    await feed.follow(session_id)
    await asyncio.sleep(6.5)
    await asyncio.to_thread(live.publish, live.session_group(session_id), "message", seq=7)
    async with asyncio.timeout(10):
        notice = await heard.get()
    assert notice["seq"] == 7
    await feed.close()


async def test_one_hears_the_others_and_not_oneself() -> None:
    mine: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    theirs: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    session_id = uuid4()
    first, second = Feed(mine.put), Feed(theirs.put)
    await first.follow(session_id)
    await second.follow(session_id)
    await first.tell("typing", role="user")
    async with asyncio.timeout(10):
        assert (await theirs.get())["notice"] == "typing"
    await asyncio.sleep(0.2)
    assert mine.empty()
    await first.close()
    await second.close()


async def test_without_redis_there_is_nothing_to_hear_and_nothing_breaks(settings: Any) -> None:
    layers = {"default": dict(settings.CHANNEL_LAYERS["default"])}
    layers["default"]["CONFIG"] = {"hosts": [{"address": "redis://127.0.0.1:1/0", "socket_connect_timeout": 0.3}]}
    settings.CHANNEL_LAYERS = layers
    feed = Feed(asyncio.Queue().put)
    await feed.follow(uuid4())
    assert not feed.is_live
    await feed.tell("typing", role="user")
    await feed.close()


def test_a_notice_without_redis_is_given_up_quickly(settings: Any) -> None:
    layers = {"default": dict(settings.CHANNEL_LAYERS["default"])}
    layers["default"]["CONFIG"] = {"hosts": [{"address": "redis://127.0.0.1:1/0", "socket_connect_timeout": 0.3}]}
    settings.CHANNEL_LAYERS = layers
    live.publish(live.session_group(uuid4()), "message", seq=1)


@pytest.mark.parametrize("notice", ["message", "turn"])
def test_publishing_from_a_plain_thread_needs_no_loop(notice: str) -> None:
    live.publish(live.session_group(uuid4()), notice, seq=1)
