"""The two languages of the product, countries and time zones to choose from."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale

from accounts.models import Profile

# Codes of the territory data that name no country or region one can live in.
_NOT_PLACES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "CQ"})
# Shown before the others, because most people asking in this language live there.
_FIRST = {
    "en": ("US", "GB", "CA", "AU", "NZ", "IE", "IN", "SG"),
    "zh-hans": ("CN", "HK", "MO", "TW", "SG", "MY", "US", "CA", "AU", "GB"),
}


def supported(code: str | None) -> str:
    """One of our two language codes for any code: every kind of Chinese reads Simplified Chinese here."""
    return Profile.Language.CHINESE if (code or "").lower().startswith("zh") else Profile.Language.ENGLISH


@lru_cache(maxsize=4)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """ISO 3166 codes with names in `language`: likely ones first, the rest by name."""
    territories = Locale.parse("zh_Hans" if language == Profile.Language.CHINESE else "en").territories
    names = {code: name for code, name in territories.items() if len(code) == 2 and code not in _NOT_PLACES}
    first = [(code, names.pop(code)) for code in _FIRST[language]]
    return (*first, *sorted(names.items(), key=lambda pair: pair[1]))


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Names of time zones by place, and UTC."""
    places = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(name for name in available_timezones() if name.split("/")[0] in places))
