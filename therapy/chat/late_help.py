"""Help does not wait for the database: a card made from the text alone, where the way of the message takes too long."""

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

    def watch(self, text: str) -> asyncio.Task[None]:
        """Show the card owed to `text` in a moment; cancel the task where the message arrived before."""
        return asyncio.create_task(self._show(text))

    async def _show(self, text: str) -> None:
        await asyncio.sleep(_WAIT_SECONDS)
        loop = asyncio.get_running_loop()
        language: Language = "zh" if self.language.startswith("zh") else "en"
        card = await loop.run_in_executor(_pool, socket_reads.card_alone, text, language, self.country)
        if card is not None:
            await self._say("card", card=card)
