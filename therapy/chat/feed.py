"""Hearing of changes in a session at once. Without Redis the socket lives on and looks for itself from time to time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from therapy.core import live

logger = logging.getLogger(__name__)

Heard = Callable[[dict[str, Any]], Awaitable[None]]


class Feed:
    """One subscription to the notices of one session; `is_live` says whether it stands."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._layer = get_channel_layer()
        self._group = ""
        self._channel = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def is_live(self) -> bool:
        """Whether notices arrive."""
        return self._task is not None and not self._task.done()

    async def follow(self, session_id: UUID) -> None:
        """Subscribe; when this returns with `is_live`, nothing that happens from now on is missed."""
        await self.close()
        self._group = live.session_group(session_id)
        if self._layer is None:
            return
        try:
            self._channel = await self._layer.new_channel()
            await self._layer.group_add(self._group, self._channel)
        except (RedisError, OSError):
            logger.warning("no notices for now: redis is away")
            return
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        assert self._layer is not None
        try:
            while True:
                notice = await self._layer.receive(self._channel)
                if notice.get("sender") != self._channel:
                    await self._heard(notice)
        except (RedisError, OSError):
            logger.warning("notices ended: redis is away")

    async def tell(self, notice: str, **fields: str) -> None:
        """Tell the other tabs and the desk, not oneself."""
        if self._layer is None or not self.is_live:
            return
        message = {"type": "notice", "notice": notice, "sender": self._channel, **fields}
        try:
            await self._layer.group_send(self._group, message)
        except (RedisError, OSError):
            logger.debug("notice not told: redis is away")

    async def close(self) -> None:
        """Hear no more."""
        if self._task is None or self._layer is None:
            return
        self._task.cancel()
        self._task = None
        try:
            await self._layer.group_discard(self._group, self._channel)
        except (RedisError, OSError):
            logger.debug("group not left: redis is away")
