"""What a waiting person is told of the workers: is any alive, and what that means for their reply."""

from __future__ import annotations

import redis.asyncio
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from therapy.chat.selectors import TurnView
from therapy.core.health import ALIVE_KEY

# A reply that waits longer than this is explained.
_EXPLAIN_AFTER_SECONDS = 4.0


async def is_worker_alive(client: redis.asyncio.Redis) -> bool:
    """Whether an inference worker gave a sign of life in the last seconds. False where Redis is away."""
    try:
        return bool(await client.exists(ALIVE_KEY))
    except (RedisError, OSError):
        return False


def waiting_note(turn: TurnView, *, worker_alive: bool) -> str:
    """One honest sentence for a reply that is still waiting; empty where there is nothing to explain."""
    if turn.status != "queued" or turn.waited < _EXPLAIN_AFTER_SECONDS:
        return ""
    if not worker_alive:
        return _(
            "Your message is safe. The part of Attune that writes replies is resting right now; your reply will come. "
            "Meanwhile, “Get help now” is always open."
        )
    return _("Your message is safe. Others are being answered before you; your reply will come.")
