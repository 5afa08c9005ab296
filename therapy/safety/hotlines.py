"""The versioned table of crisis lines and the choice of lines for a person (HL-01 to HL-04). No database, no network.

A number that is not in `data/hotlines.json` is never shown; an unknown country gets guidance and a directory, no guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from django.utils import timezone

from ml.types import RiskLevel

TABLE = Path(__file__).parent / "data" / "hotlines.json"
WARN_AFTER = timedelta(days=180)
HIDE_AFTER = timedelta(days=365)
EMERGENCY = ("emergency", "police")
# Generic numbers that guidance for an unknown country names; many mobile networks connect both.
GENERIC_EMERGENCY = ("112", "911")

Channel = Literal["call", "text", "chat", "walk_in", "web"]
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hotline:
    """One way to reach one line. `name` and `hours` by language ("en", "zh"); `evidence` first_hand or secondary."""

    id: str
    country: str
    name: Words
    number: str
    channel: Channel
    href: str
    hours: Words
    audience: str
    source: str
    evidence: str
    verified_at: date | None
    verified_by: str

    @property
    def is_emergency(self) -> bool:
        """An ambulance, police or general emergency number."""
        return self.audience in EMERGENCY

    def checked_on(self) -> date:
        """When the number was last looked at: by a person, else when it entered the table."""
        return self.verified_at or table_date()

    def is_stale(self, today: date) -> bool:
        """Staff should look at the source again (HL-02)."""
        return today - self.checked_on() > WARN_AFTER

    def is_hidden(self, today: date) -> bool:
        """Too old to show; emergency numbers stay (HL-02)."""
        return not self.is_emergency and today - self.checked_on() > HIDE_AFTER


@lru_cache(maxsize=1)
def _document() -> dict[str, object]:
    document: dict[str, object] = json.loads(TABLE.read_text(encoding="utf-8"))
    return document


def table_version() -> str:
    """Version of the table, stored and shown."""
    return str(_document()["version"])


def table_date() -> date:
    """The day this version of the table was made."""
    return date.fromisoformat(table_version())


@lru_cache(maxsize=1)
def all_lines() -> tuple[Hotline, ...]:
    """Every row, in the order of the file."""
    rows = _document()["rows"]
    assert isinstance(rows, list)
    return tuple(
        Hotline(**{**row, "verified_at": date.fromisoformat(row["verified_at"]) if row["verified_at"] else None})
        for row in rows
    )


def _eu_members() -> frozenset[str]:
    members = _document()["eu_members"]
    assert isinstance(members, list)
    return frozenset(members)


def countries() -> tuple[str, ...]:
    """Country codes with at least one line, in the order of the file."""
    return tuple(dict.fromkeys(line.country for line in all_lines()))


def country_name(country: str, language: str) -> str:
    """Name of a country of the table; the code itself where it is not in it."""
    names = _document()["countries"]
    assert isinstance(names, dict)
    return str(names.get(country, {}).get(language, country))


def directory_line() -> Hotline:
    """The international directory, for every country the table does not cover well."""
    return Hotline(
        id="directory",
        country="",
        name={"en": "Find a helpline in your country", "zh": "查找你所在国家或地区的求助热线"},
        number="findahelpline.com",
        channel="web",
        href="https://findahelpline.com/",
        hours={"en": "directory", "zh": "热线目录"},
        audience="directory",
        source="findahelpline.com",
        evidence="first_hand",
        verified_at=None,
        verified_by="",
    )


# Which audience is asked first for a kind of risk (HL-04); everything else starts with the general lines.
_FIRST: Mapping[str, tuple[str, ...]] = {"abuse_disclosure": ("women", "youth", "men")}
_POLICE_FIRST = frozenset({"harm_others", "abuse_disclosure"})


def asked_first(kind: str) -> tuple[str, ...]:
    """The audiences whose lines are asked before the general ones for a kind of risk."""
    return _FIRST.get(kind, ())


def lines_for(
    country: str,
    *,
    kind: str = "",
    level: RiskLevel = RiskLevel.NONE,
    language: str = "en",
    today: date | None = None,
    first: tuple[str, ...] = (),
) -> list[Hotline]:
    """Lines to show, best first: emergency on top when imminent, then specialised ones, general ones, the rest.

    `first` names audiences to ask before those that the kind of risk asks for. An unknown country, or one without a
    general line, ends with the directory.
    """
    now = today or timezone.now().date()
    lines = [line for line in _of_country(country) if not line.is_hidden(now)]
    audiences = tuple(dict.fromkeys((*first, *asked_first(kind))))
    lines.sort(key=lambda line: _rank(line, kind, level, audiences))
    if not any(line.audience == "general" for line in lines):
        lines.append(directory_line())
    return lines


def _of_country(country: str) -> list[Hotline]:
    own = [line for line in all_lines() if line.country == country]
    # 112 answers in every member state of the European Union (Directive (EU) 2018/1972, article 109).
    if country in _eu_members() and not any(line.number == "112" for line in own):
        own += [line for line in all_lines() if line.id == "eu-112"]
    return own


def _rank(line: Hotline, kind: str, level: RiskLevel, audiences: tuple[str, ...]) -> tuple[int, int]:
    """Smaller comes first. The file's order decides among equals (sorting is stable)."""
    if line.is_emergency:
        # In danger the emergency number leads; below that it stands right after the lines to talk to.
        place = 0 if level >= RiskLevel.IMMINENT else 3
        first = "police" if kind in _POLICE_FIRST else "emergency"
        return place, 0 if line.audience == first else 1
    if line.audience in audiences:
        return 1, audiences.index(line.audience)
    return (2, 0) if line.audience == "general" else (4, 0)


def crisis_line_text(country: str, language: str, *, first: tuple[str, ...] = ()) -> str:
    """The line to name in a sentence, for example `988`: of an audience in `first`, else general, else a directory."""
    lines = lines_for(country, language=language, first=first)
    general = [line for line in lines if line.audience in first] + [
        line for line in lines if line.audience == "general"
    ]
    calls = [line for line in general if line.channel == "call"] or general
    if calls:
        return calls[0].number
    return (
        "当地的心理援助热线（findahelpline.com）" if language == "zh" else "a crisis line near you (findahelpline.com)"
    )


def emergency_number(country: str, language: str) -> str:
    """The emergency number to name in a sentence; guidance without a guess where none is known."""
    numbers = [line.number for line in lines_for(country, language=language) if line.is_emergency]
    if numbers:
        return ("或" if language == "zh" else " or ").join(numbers)
    return emergency_guidance(language)


def emergency_guidance(language: str) -> str:
    """What can be said without knowing the country (HL-03)."""
    if language == "zh":
        return "当地的紧急电话（很多国家是112或911）"
    return "your local emergency number (112 or 911 in many countries)"


@lru_cache(maxsize=1)
def allowed_numbers() -> frozenset[str]:
    """Every number a reply may name: as printed and as bare digits."""
    printed = {line.number for line in all_lines()} | set(GENERIC_EMERGENCY)
    return frozenset(printed | {digits for number in printed if (digits := re.sub(r"\D", "", number))})


def country_for(profile_country: str, accept_language: str, language: str) -> str:
    """Country for the lines: the person's setting, else the browser's locale, else China for a Chinese page, else none.

    CR-11: no IP address is looked up. A region counts first where it belongs to the language shown; one of another
    language still says more than the guess.
    """
    if profile_country:
        return profile_country.upper()
    wanted = language[:2].lower()
    regions = _regions(accept_language)
    for tag_language, region in regions:
        if tag_language == wanted:
            return region
    if regions:
        # What English systems say everywhere tells nothing of where a reader of Chinese is: no number is guessed.
        return next((region for tag_language, region in regions if (tag_language, region) != ("en", "US")), "")
    return "CN" if wanted == "zh" and "zh-hant" not in accept_language.lower() else ""


def _regions(accept_language: str) -> list[tuple[str, str]]:
    """(language, region) of each tag that names a region, most wanted first."""
    found: list[tuple[float, str, str]] = []
    for part in accept_language[:500].split(","):
        match = re.fullmatch(
            r"\s*([A-Za-z]{2,3})(?:-[A-Za-z]{4})?-([A-Za-z]{2})\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", part
        )
        if match:
            found.append((-float(match[3] or 1), match[1].lower(), match[2].upper()))
    return [(tag_language, region) for _, tag_language, region in sorted(found, key=lambda entry: entry[0])]
