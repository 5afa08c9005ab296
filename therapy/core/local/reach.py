"""Asks servers named in the environment for an answer before anything starts, and says what is wrong in words."""

import psycopg
import redis

from therapy.core.local.errors import LocalError

SECONDS = 5


def require_database(url: str) -> None:
    """The database of DATABASE_URL accepts us; its text never shows the password."""
    try:
        psycopg.connect(url, connect_timeout=SECONDS).close()
    except psycopg.ProgrammingError as error:
        # The reason would quote the address.
        wanted = "postgresql://name:password@host:5432/database"
        raise LocalError(f"DATABASE_URL is not the address of a PostgreSQL database: {wanted}") from error
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise LocalError(f"The database of DATABASE_URL does not answer: {reason}") from error


def require_redis(url: str) -> None:
    """The server of REDIS_URL answers a ping."""
    try:
        with redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=None) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise LocalError(f"The Redis of REDIS_URL does not answer: {error}") from error
