"""Sealed pieces of a reply on their way to the browser: one short-lived Redis stream per turn.

Best effort: the finished reply is a row in Postgres, the stream only lets it be read while it is written.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import redis
import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from accounts import crypto, keys
from accounts.crypto import Binding
from accounts.errors import SealBroken

logger = logging.getLogger(__name__)

_MAX_CHUNKS = 4000
_LIFE_SECONDS = 300
_BATCH_SECONDS = 0.03
_BLOCK_MS = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a reply. `index` counts from 0 within an attempt; a new attempt starts the text anew."""

    attempt: int
    index: int
    text: str


def _key(turn_id: UUID) -> str:
    return f"attune:tokens:{turn_id}"


def _associated_data(turn_id: UUID, person_id: UUID, attempt: int, index: int) -> bytes:
    return Binding("redis_tokens", f"{attempt}.{index}", turn_id, person_id).associated_data()


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    # No read timeout here would let a dead peer hold a worker thread; writes are short, 2 s is plenty.
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1, max_connections=64)


class TokenWriter:
    """Writes the pieces of one attempt, joined over 30 ms, each sealed with the person's key."""

    def __init__(self, turn_id: UUID, person_id: UUID, attempt: int) -> None:
        self.turn_id, self.person_id, self.attempt = turn_id, person_id, attempt
        self._index = 0
        self._buffer = ""
        self._flushed_at = 0.0
        self._is_dead = False

    def write(self, text: str) -> None:
        """Add a piece; it leaves at once if the last one left 30 ms ago."""
        self._buffer += text
        if time.monotonic() - self._flushed_at >= _BATCH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Send what is held back. A dead Redis ends the stream, not the reply."""
        if not self._buffer or self._is_dead:
            return
        data = _associated_data(self.turn_id, self.person_id, self.attempt, self._index)
        sealed = crypto.seal(keys.data_key(self.person_id), self._buffer.encode("utf-8", "surrogatepass"), data)
        fields: dict[Any, Any] = {"a": self.attempt, "i": self._index, "s": sealed}
        try:
            pipe = _client().pipeline(transaction=False)
            pipe.xadd(_key(self.turn_id), fields, maxlen=_MAX_CHUNKS, approximate=True)
            pipe.expire(_key(self.turn_id), _LIFE_SECONDS)
            pipe.execute()
        except (RedisError, OSError):
            logger.warning("token stream of turn %s ended early: redis is away", self.turn_id)
            self._is_dead = True
        self._index += 1
        self._buffer = ""
        self._flushed_at = time.monotonic()


async def read(client: redis.asyncio.Redis, turn_id: UUID, person_id: UUID, key: bytes) -> AsyncIterator[Piece]:
    """Yield the pieces of a turn from its beginning, for ever; the caller stops when the turn ends.

    Raises:
        RedisError, OSError: Redis is away; the reply will still arrive as a message.
    """
    last = b"0-0"
    while True:
        # The library types every shape an answer may have; this client gets lists of (name, [(id, fields)]).
        answer: Any = await client.xread({_key(turn_id): last}, block=_BLOCK_MS, count=100)
        for _stream, entries in answer or ():
            for entry, fields in entries:
                last = entry
                attempt, index = int(fields[b"a"]), int(fields[b"i"])
                data = _associated_data(turn_id, person_id, attempt, index)
                try:
                    text = crypto.unseal(key, fields[b"s"], data).decode("utf-8", "surrogatepass")
                except SealBroken:
                    logger.warning("token stream of turn %s holds a piece that is not ours", turn_id)
                    return
                yield Piece(attempt, index, text)


def async_client() -> redis.asyncio.Redis:
    """A Redis client for the sockets of this event loop, without a read timeout: reads block on purpose."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=1, max_connections=10_000
    )
