"""The live feed of the admin's banner: says that something changed, never what. The banner then asks, as always.

Without Redis the socket closes and the browser comes back later; until then the banner's own asking is enough.
"""

from __future__ import annotations

import asyncio
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.utils import timezone
from redis.exceptions import RedisError

from accounts import access
from accounts.models import User
from therapy.safety.services import DESK

CLOSE_SIGNED_OUT = 4401
CLOSE_LATER = 1013


class AlertsConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One open page of the admin."""

    # The built-in subscription ends the whole socket with a traceback when Redis goes away; this one is our own.
    channel_layer_alias = ""
    task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Counselling staff only."""
        await self.accept()
        user = self.scope.get("user")
        is_staff = isinstance(user, User) and user.is_counselling_staff
        if not is_staff or await self._refusal(user):
            await self.close(CLOSE_SIGNED_OUT)
            return
        self.task = asyncio.create_task(self._listen())

    async def _refusal(self, user: User) -> str:
        """As the pages of the desk ask: second factor and standing."""
        reason: str = await database_sync_to_async(access.refusal)(user, self.scope["session"], timezone.now())
        return reason

    async def disconnect(self, code: int) -> None:
        """Hear no more."""
        if self.task is not None:
            self.task.cancel()

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Nothing is taken from the browser."""

    async def _listen(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        channel = ""
        try:
            channel = await layer.new_channel()
            await layer.group_add(DESK, channel)
            while True:
                await layer.receive(channel)
                await self.send_json({"changed": True})
        except (RedisError, OSError):
            await self.close(CLOSE_LATER)
        finally:
            if channel:
                await self._leave(layer, channel)

    async def _leave(self, layer: Any, channel: str) -> None:
        try:
            await layer.group_discard(DESK, channel)
        except (RedisError, OSError):
            # The subscription went with the server.
            return
