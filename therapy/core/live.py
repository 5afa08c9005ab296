"""Notices between processes over the channel layer: ids and names only, best effort, never the only path."""

from __future__ import annotations

import logging
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def session_group(session_id: UUID | str) -> str:
    """Group of all sockets that show one chat session."""
    return f"chat.session.{session_id}"


def publish(group: str, notice: str, **ids: str | int | bool) -> None:
    """Send a notice now. A dead Redis loses it: readers poll as well, so nothing depends on it."""
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(group, {"type": "notice", "notice": notice, **ids})
    except (RedisError, OSError):
        logger.warning("notice %s not sent: redis is away", notice)


def publish_on_commit(group: str, notice: str, **ids: str | int | bool) -> None:
    """Send a notice after the transaction has been committed."""
    transaction.on_commit(lambda: publish(group, notice, **ids))
