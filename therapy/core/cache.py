"""The cache: Redis, and while Redis is away the memory of this process. Holds counters of rate limits, never words.

Without this nobody could log in while Redis is down, neither a person in danger nor a counsellor.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# After a failure Redis is left alone for a moment, so that each request does not wait for its own timeout.
PAUSE_SECONDS = 5.0


class ForgivingRedisCache(RedisCache):
    """Answers from Redis, else from this process. Limits then hold per process instead of for all together."""

    # By server, for the whole process: Django makes a cache object for each thread.
    _away_until: ClassVar[dict[str, float]] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._local = LocMemCache("redis-is-away", {"TIMEOUT": 300, "OPTIONS": {"MAX_ENTRIES": 10_000}})
        self._server = str(server)

    def _ask(self, redis: Callable[..., Any], local: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Redis first, unless it failed a moment ago."""
        if time.monotonic() >= self._away_until.get(self._server, 0.0):
            try:
                return redis(*args, **kwargs)
            except (RedisError, OSError):
                self._away_until[self._server] = time.monotonic() + PAUSE_SECONDS
                logger.warning("redis is away: this process counts for itself for now")
        return local(*args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """As in Django."""
        return self._ask(super().get, self._local.get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """As in Django."""
        self._ask(super().set, self._local.set, *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """As in Django."""
        return bool(self._ask(super().add, self._local.add, *args, **kwargs))

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """As in Django."""
        return bool(self._ask(super().touch, self._local.touch, *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """As in Django."""
        return bool(self._ask(super().delete, self._local.delete, *args, **kwargs))

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """As in Django."""
        return bool(self._ask(super().has_key, self._local.has_key, *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        """As in Django."""
        return int(self._ask(super().incr, self._local.incr, *args, **kwargs))
