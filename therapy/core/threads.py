"""Blocking work from a socket: in a thread of a pool, so that one person's slow query holds up nobody else."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync
from django.conf import settings

P = ParamSpec("P")
T = TypeVar("T")

# As many threads as the database pool has connections: more would only wait, fewer would leave some unused.
_pool = ThreadPoolExecutor(max_workers=settings.SOCKET_THREADS, thread_name_prefix="socket")


def in_thread(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """`function` as a coroutine; its database connection goes back to the pool afterwards."""
    wrapped: Callable[P, Awaitable[T]] = DatabaseSyncToAsync(function, thread_sensitive=False, executor=_pool)
    return wrapped
