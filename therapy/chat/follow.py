"""Following the reply that is being written: Redis stream to socket frames, only while a turn is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

import redis.asyncio
from redis.exceptions import RedisError

from accounts import keys
from accounts.errors import KeyFault
from therapy.chat import presence, tokens
from therapy.chat.socket_reads import TurnState
from therapy.core.errors import DATABASE_FAULTS
from therapy.core.threads import in_thread

logger = logging.getLogger(__name__)

Say = Callable[..., Awaitable[None]]

_clients: dict[int, redis.asyncio.Redis] = {}


def client_of_loop() -> redis.asyncio.Redis:
    """One Redis client per event loop, shared by its sockets."""
    loop = id(asyncio.get_running_loop())
    if loop not in _clients:
        _clients.clear()
        _clients[loop] = tokens.async_client()
    return _clients[loop]


class ReplyFollower:
    """Reads the token stream of at most one turn and says each piece once."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._turn_id: UUID | None = None
        self._task: asyncio.Task[None] | None = None

    def follow(self, turn_id: UUID, person_id: UUID) -> None:
        """Begin (or go on) following a turn."""
        if self._turn_id == turn_id and self._task and not self._task.done():
            return
        if self._task:
            self._task.cancel()
        self._turn_id = turn_id
        self._task = asyncio.create_task(self._run(turn_id, person_id))

    async def note(self, turn: TurnState) -> str:
        """A sentence for a reply that waits long."""
        if turn.view.status != "queued":
            return ""
        return presence.waiting_note(turn.view, worker_alive=await presence.is_worker_alive(client_of_loop()))

    async def close(self) -> None:
        """Stop following."""
        if self._task:
            self._task.cancel()
        self._task, self._turn_id = None, None

    async def _run(self, turn_id: UUID, person_id: UUID) -> None:
        try:
            key = await in_thread(keys.data_key)(person_id)
            async for piece in tokens.read(client_of_loop(), turn_id, person_id, key):
                await self._say("token", turn=str(turn_id), attempt=piece.attempt, index=piece.index, text=piece.text)
        except (RedisError, OSError):
            logger.debug("token stream not followed: redis is away")
        except DATABASE_FAULTS:
            logger.warning("token stream of turn %s not followed: the database is away", turn_id)
        except KeyFault:
            logger.warning("token stream of turn %s not followed: the key is gone", turn_id)
