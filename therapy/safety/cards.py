"""The crisis card a person is shown: words by level and theme, lines by country. Reads flags, writes nothing.

The words are vetted data (`data/cards.json`), not code and not model output, equal in English and Chinese.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from ml.types import RiskLevel
from therapy.safety import hotlines
from therapy.safety.models import REQUEST_KINDS, RiskFlag

WORDS = Path(__file__).parent / "data" / "cards.json"
OWED_FOR = timedelta(hours=24)
# Enough to choose from, few enough to read in distress; emergency numbers come on top of these.
MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class CardLine:
    """One way to reach someone, as the browser shows it."""

    name: str
    number: str
    href: str
    hours: str
    channel: str


@dataclass(frozen=True, slots=True)
class CrisisCard:
    """What the person sees. `pinned` cards stay in view; a disputed one is `collapsed` but never gone."""

    flag: str
    level: str
    kind: str
    title: str
    text: str
    lines: tuple[CardLine, ...]
    steps: tuple[str, ...]
    pinned: bool
    collapsed: bool
    more: str

    def as_dict(self) -> dict[str, Any]:
        """The card as a frame holds it; lists and plain values only."""
        return asdict(self) | {"lines": [asdict(line) for line in self.lines], "steps": list(self.steps)}


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    words: dict[str, Any] = json.loads(WORDS.read_text(encoding="utf-8"))
    return words


def theme_of(kind: str) -> str:
    """The theme whose words fit a kind of risk; `other` where none is special."""
    return str(_words()["themes"].get(kind, "other"))


def card_lines(country: str, *, kind: str, level: RiskLevel, language: str) -> tuple[CardLine, ...]:
    """The few lines of a card; emergency numbers are never cut off."""
    found: list[CardLine] = []
    kept = 0
    for line in hotlines.lines_for(country, kind=kind, level=level, language=language):
        kept += not line.is_emergency
        if line.is_emergency or kept <= MOST_LINES:
            found.append(CardLine(line.name[language], line.number, line.href, line.hours[language], line.channel))
    return tuple(found)


def card(
    level: RiskLevel, kind: str, *, language: str, country: str, flag_id: UUID | None, disputed: bool = False
) -> CrisisCard:
    """Fill the card for a level and kind; without a flag it cannot be disputed. Below moderate: the moderate words."""
    shown = max(level, RiskLevel.MODERATE)
    theme, words = theme_of(kind), _words()[language]
    titles = words["theme_titles"].get(theme, words["titles"])
    steps = words["theme_steps"].get(theme, {}).get(shown.label, words["steps"][shown.label])
    slots = {
        "line": hotlines.crisis_line_text(country, language),
        "emergency": hotlines.emergency_number(country, language),
    }
    return CrisisCard(
        flag=str(flag_id or ""),
        level=shown.label,
        kind=kind,
        title=titles[shown.label],
        text=words["texts"][theme],
        lines=card_lines(country, kind=kind, level=shown, language=language),
        steps=tuple(step.format(**slots) for step in steps),
        pinned=shown >= RiskLevel.HIGH and not disputed,
        collapsed=disputed,
        more=reverse("safety:help") + (f"?country={country}" if country else ""),
    )


def card_for_session(session_id: UUID, *, language: str, country: str) -> CrisisCard | None:
    """The card owed now: the highest open flag of the last 24 hours, the newest among equals; none otherwise.

    `language` is "en" or "zh"; a disputed flag counts only where no undisputed one is open.
    """
    since = timezone.now() - OWED_FOR
    flags = list(
        RiskFlag.objects.filter(
            session_id=session_id, state=RiskFlag.State.OPEN, level__gte=RiskLevel.MODERATE, created_at__gte=since
        ).exclude(kind__in=REQUEST_KINDS)
    )
    if not flags:
        return None
    owed = max(flags, key=lambda flag: (flag.disputed_at is None, flag.level, flag.created_at))
    return card(
        RiskLevel(owed.level),
        owed.kind,
        language="zh" if language.startswith("zh") else "en",
        country=country,
        flag_id=owed.pk,
        disputed=owed.disputed_at is not None,
    )
