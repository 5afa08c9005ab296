"""Notices between processes over the channel layer: ids and names only, best effort, never the only path.

Sent from one event loop in a thread of its own: a loop per notice would cost several times the CPU, and borrowing
the sockets' loop could wait for itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_SEND_SECONDS = 2.0
_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def session_group(session_id: UUID | str) -> str:
    """Group of all sockets that show one chat session."""
    return f"chat.session.{session_id}"


def _loop() -> asyncio.AbstractEventLoop:
    """The sending loop of this process; a forked child makes its own."""
    with _lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="live-notices", daemon=True).start()
        return loop


def publish(group: str, notice: str, **ids: str | int | bool) -> None:
    """Send a notice now. A dead Redis loses it: readers poll as well, so nothing depends on it."""
    layer = get_channel_layer()
    if layer is None:
        return
    sending = asyncio.run_coroutine_threadsafe(
        layer.group_send(group, {"type": "notice", "notice": notice, **ids}), _loop()
    )
    try:
        sending.result(timeout=_SEND_SECONDS)
    except (RedisError, OSError, TimeoutError):
        sending.cancel()
        logger.warning("notice %s not sent: redis is away", notice)


def publish_on_commit(group: str, notice: str, **ids: str | int | bool) -> None:
    """Send a notice after the transaction has been committed."""
    transaction.on_commit(lambda: publish(group, notice, **ids))
