"""Blocking work from a socket: in a thread of a pool, so that one person's slow query holds up nobody else."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """`function` as a coroutine; its database connection goes back to the pool afterwards."""
    wrapped: Callable[P, Awaitable[T]] = DatabaseSyncToAsync(function, thread_sensitive=False)
    return wrapped
