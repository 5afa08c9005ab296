"""The check at the start of a process: a wrong or missing key-encryption key refuses to start, in clear words."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, connection

from accounts import keys
from accounts.errors import KeyFault

logger = logging.getLogger(__name__)


def refuse_wrong_keys() -> None:
    """End the process where the configured keys are not the database's.

    Raises:
        SystemExit: with the reason. A database that is away is no reason: sealing fails closed by itself.
    """
    if not settings.CHECK_KEYS_AT_START:
        return
    # A server imports the application inside its event loop, where Django allows no queries: use a thread.
    with ThreadPoolExecutor(max_workers=1) as pool:
        reason = pool.submit(_reason).result()
    if reason:
        raise SystemExit(f"attune does not start: {reason}")


def _reason() -> str:
    try:
        keys.verify_keks()
    except KeyFault as error:
        return str(error)
    except DatabaseError as error:
        logger.warning("keys not compared at start, the database is away: %s", type(error).__name__)
    finally:
        connection.close()
    return ""
