"""System checks of `accounts`: what an operator can get wrong with keys is said at start, in clear words."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from accounts import crypto, keys
from accounts.errors import KeyFault


@register(Tags.security)
def check_keks_configured(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A readable key-encryption key is configured."""
    try:
        crypto.keks()
    except KeyFault as error:
        return [Error(str(error), id="accounts.E001")]
    return []


@register(Tags.database)
def check_keks_match(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The configured keys are the ones this database was sealed with (runs with `check --database default`)."""
    if not databases:
        return []
    try:
        keys.verify_keks()
    except KeyFault as error:
        return [Error(str(error), id="accounts.E002")]
    except DatabaseError:
        # Before the first migration there is nothing sealed yet.
        return []
    return []
