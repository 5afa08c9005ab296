"""Help does not wait for the database: a card made from the text alone, where its message is refused or takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from ml.types import Language
from therapy.chat import socket_reads

Say = Callable[..., Awaitable[None]]

_WAIT_SECONDS = 1.0
# Threads of its own: with Postgres away all others stand and wait for a connection.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="late-help")


class LateHelp:
    """Watches over one socket's messages; language and country are those of the session last joined."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.language = "en"
        self.country = ""
        self._watching: asyncio.Task[None] | None = None

    def watch(self, text: str) -> None:
        """Show the card owed to `text` in a moment, unless its message is settled before."""
        self.settle()
        self._watching = asyncio.create_task(self._show_late(text))

    def settle(self) -> None:
        """The message has its own card, or its answer: nothing comes after it."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def shown(self) -> None:
        """Wait until the card stands, where one is still to come."""
        if self._watching is not None:
            await self._watching

    async def show(self, text: str) -> None:
        """Show the card owed to `text` now: its message was refused, whatever for. No row is read."""
        self.settle()
        await self._show(text)

    async def _show_late(self, text: str) -> None:
        await asyncio.sleep(_WAIT_SECONDS)
        await self._show(text)

    async def _show(self, text: str) -> None:
        loop = asyncio.get_running_loop()
        language: Language = "zh" if self.language.startswith("zh") else "en"
        card = await loop.run_in_executor(_pool, socket_reads.card_alone, text, language, self.country)
        if card is not None:
            await self._say("card", card=card)
