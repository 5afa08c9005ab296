"""The domain of this installation (study, work, games, social, sleep, or general): the door to `ml.domains`."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from ml.domains import Domain, DomainError, domain
from ml.types import Language


@lru_cache(maxsize=8)
def _named(name: str) -> Domain:
    return domain(name)


def current() -> Domain:
    """The pack that `ATTUNE_DOMAIN` names.

    Raises:
        DomainError: there is no such pack, or it is wrong; the check at start says the same.
    """
    return _named(settings.ATTUNE_DOMAIN)


def language_of(code: str) -> Language:
    """Django's language code as packs and library name it."""
    return "zh" if code.startswith("zh") else "en"


__all__ = ["Domain", "DomainError", "current", "language_of"]
