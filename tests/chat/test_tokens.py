"""Pieces of a reply in Redis: sealed, bound to their place, short-lived."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async

from accounts import keys
from accounts.models import User
from therapy.chat import tokens

pytestmark = pytest.mark.django_db(transaction=True)


def write(turn_id: object, person: User, *texts: str, attempt: int = 1) -> None:
    writer = tokens.TokenWriter(turn_id, person.pk, attempt)  # type: ignore[arg-type]
    for text in texts:
        writer.write(text)
        writer.flush()


async def first_pieces(turn_id: object, person: User, count: int) -> list[tokens.Piece]:
    client = tokens.async_client()
    key = await database_sync_to_async(keys.data_key)(person.pk)
    found = []
    async with asyncio.timeout(5):
        async for piece in tokens.read(client, turn_id, person.pk, key):  # type: ignore[arg-type]
            found.append(piece)
            if len(found) == count:
                break
    await client.aclose()
    return found


async def test_pieces_come_in_order_with_their_number(alice: User) -> None:
    turn_id = uuid4()
    await database_sync_to_async(write)(turn_id, alice, "one ", "two ", "三")
    pieces = await first_pieces(turn_id, alice, 3)
    assert [(piece.index, piece.text) for piece in pieces] == [(0, "one "), (1, "two "), (2, "三")]


def test_redis_holds_no_readable_word(alice: User) -> None:
    turn_id = uuid4()
    write(turn_id, alice, "xylophonecanary")
    client = tokens._client()
    dump = b"".join(
        bytes(part) for _id, fields in client.xrange(f"attune:tokens:{turn_id}") for part in fields.values()
    )
    assert dump
    assert b"xylophonecanary" not in dump
    assert 0 < client.ttl(f"attune:tokens:{turn_id}") <= 300


async def test_a_piece_moved_to_another_turn_is_not_read(alice: User) -> None:
    mine, other = uuid4(), uuid4()
    await database_sync_to_async(write)(mine, alice, "secret")
    client = tokens.async_client()
    [(_id, fields)] = await client.xrange(f"attune:tokens:{mine}")
    await client.xadd(f"attune:tokens:{other}", fields)
    key = await database_sync_to_async(keys.data_key)(alice.pk)
    assert [piece async for piece in tokens.read(client, other, alice.pk, key)] == []
    await client.aclose()
