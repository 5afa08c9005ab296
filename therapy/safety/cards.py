"""The crisis card a person is shown: words by level and theme, lines by country. Reads flags, writes nothing.

The words are vetted data (`data/cards.json`), not code and not model output, equal in English and Chinese. A card that
comes again at the same level says something else: never the same words within three turns (RS-06).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from ml.types import Evidence, RiskLevel
from therapy.safety import hotlines
from therapy.safety.hotlines import Hotline
from therapy.safety.models import REQUEST_KINDS, RiskFlag

WORDS = Path(__file__).parent / "data" / "cards.json"
OWED_FOR = timedelta(hours=24)
# Enough to choose from, few enough to read in distress; emergency numbers come on top of these.
MOST_LINES = 4
# Steps of a card that comes again: the first of danger, and others in turn.
STEPS_AGAIN = 3
# A line for some people only stands on the card where the message asks for it; the help page lists them all.
_FOR_ALL = ("general", "directory", "youth")
# The lines that are asked first for what a message says of the person.
_ASPECT_AUDIENCES: Mapping[str, tuple[str, ...]] = {"about.minor": ("youth",)}


@dataclass(frozen=True, slots=True)
class CardLine:
    """One way to reach someone, as the browser shows it. `verb` says how, `audience` for whom where not for all."""

    name: str
    number: str
    href: str
    hours: str
    channel: str
    verb: str
    audience: str
    is_emergency: bool


@dataclass(frozen=True, slots=True)
class CardLink:
    """A way on from the card: a page of ours or a line to write to."""

    key: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Barrier:
    """One thing that can stand between a person and a call, and what may help."""

    key: str
    label: str
    text: str
    links: tuple[CardLink, ...]


@dataclass(frozen=True, slots=True)
class CrisisCard:
    """What the person sees. `pinned` cards stay in view; a disputed one is `collapsed` but never gone."""

    flag: str
    level: str
    kind: str
    theme: str
    title: str
    text: str
    lines: tuple[CardLine, ...]
    steps: tuple[str, ...]
    question: str
    barriers: tuple[Barrier, ...]
    actions: tuple[CardLink, ...]
    pinned: bool
    collapsed: bool
    more: str

    def as_dict(self) -> dict[str, Any]:
        """The card as a frame holds it; lists and plain values only."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    words: dict[str, Any] = json.loads(WORDS.read_text(encoding="utf-8"))
    return words


def aspects_of(evidence: Iterable[Evidence | Mapping[str, Any]]) -> frozenset[str]:
    """What evidence says of the person (`aspects.py`), from an assessment or from a stored flag."""
    rules = {item.rule if isinstance(item, Evidence) else str(item.get("rule", "")) for item in evidence}
    return frozenset(rules & set(_words()["aspects"]))


def theme_of(kind: str, aspects: frozenset[str] = frozenset()) -> str:
    """The theme whose words fit a kind of risk and who it is about; `other` where none is special.

    Something swallowed goes before everything. Violence, abuse and worry about others keep their own words.
    """
    theme = str(_words()["themes"].get(kind, "other"))
    by_aspect = [name for rule, name in _words()["aspects"].items() if rule in aspects]
    if "ingestion" in by_aspect and theme not in ("harm_others", "abuse"):
        return "ingestion"
    return by_aspect[0] if by_aspect and theme not in _words()["groups"] and "ingestion" not in by_aspect else theme


def card_lines(
    country: str, *, kind: str, level: RiskLevel, language: str, first: tuple[str, ...] = ()
) -> tuple[CardLine, ...]:
    """The few lines of a card; emergency numbers are never cut off. `first`: audiences that are asked first."""
    found: list[CardLine] = []
    kept = 0
    for line in hotlines.lines_for(country, kind=kind, level=level, language=language, first=first):
        if not (line.is_emergency or line.audience in (*_FOR_ALL, *hotlines.asked_first(kind), *first)):
            continue
        kept += not line.is_emergency
        if line.is_emergency or kept <= MOST_LINES:
            found.append(_line(line, language))
    return tuple(found)


def _line(line: Hotline, language: str) -> CardLine:
    words = _words()[language]
    return CardLine(
        name=line.name[language],
        number=line.number,
        href=line.href,
        hours=line.hours[language],
        channel=line.channel,
        verb=words["verbs"][line.channel],
        audience=words["audiences"].get(line.audience, ""),
        is_emergency=line.is_emergency,
    )


def _actions(language: str, level: RiskLevel) -> tuple[CardLink, ...]:
    """Pages of ours, one tap away; after high also what becomes of the question tomorrow."""
    labels = _words()[language]["actions"]
    places = {
        "plan": reverse("care:plan"),
        "callback": reverse("care:callback"),
        "safer": reverse("safety:help") + "#safer",
    }
    if level >= RiskLevel.HIGH:
        places["check_in"] = reverse("care:check_in")
    return tuple(CardLink(key, labels[key], href) for key, href in places.items())


def _barriers(language: str, lines: Iterable[CardLine], actions: Iterable[CardLink]) -> tuple[Barrier, ...]:
    """What may stand in the way, each with a way around it: lines to write to, our own counsellor, the plan."""
    by_key = {action.key: action for action in actions}
    written = tuple(
        CardLink("text", f"{line.verb}: {line.number}", line.href)
        for line in lines
        if line.channel in ("text", "chat") and not line.is_emergency
    )
    found = []
    for entry in _words()[language]["barriers"]:
        links = [by_key[key] for key in entry["links"] if key in by_key]
        if "text" in entry["links"]:
            links = [*written, *links] or [by_key["callback"]]
        found.append(Barrier(entry["key"], entry["label"], entry["text"], tuple(links)))
    return tuple(found)


def card(
    level: RiskLevel,
    kind: str,
    *,
    language: str,
    country: str,
    flag_id: UUID | None,
    disputed: bool = False,
    aspects: frozenset[str] = frozenset(),
    showing: int = 0,
    unsent: bool = False,
) -> CrisisCard:
    """Fill the card for a level and kind. Below moderate: the moderate words.

    Without a flag there is nothing to dispute, and nobody of the team hears of it: the card does not say so, either.
    `unsent`: the message itself was not kept, and the card says that. `showing` counts the cards of this level that
    the conversation has had before: from the second on the words change.
    """
    shown = max(level, RiskLevel.MODERATE)
    theme, words = theme_of(kind, aspects), _words()[language]
    first = tuple(audience for rule in sorted(aspects) for audience in _ASPECT_AUDIENCES.get(rule, ()))
    lines = card_lines(country, kind=kind, level=shown, language=language, first=first)
    steps = _steps(words, theme, shown, showing, _slots(country, language, first))
    actions = _actions(language, shown)
    return CrisisCard(
        flag=str(flag_id or ""),
        level=shown.label,
        kind=kind,
        theme=theme,
        title=words["theme_titles"].get(theme, words["titles"])[shown.label],
        text=_text(words, theme, showing),
        lines=lines,
        steps=steps if flag_id else _untold(words, steps, unsent=unsent),
        question=words["barrier_question"],
        barriers=_barriers(language, lines, actions),
        actions=actions,
        pinned=shown >= RiskLevel.HIGH and not disputed,
        collapsed=disputed,
        more=reverse("safety:help") + (f"?country={country}" if country else ""),
    )


def _slots(country: str, language: str, first: tuple[str, ...]) -> dict[str, str]:
    return {
        "line": hotlines.crisis_line_text(country, language, first=first),
        "emergency": hotlines.emergency_number(country, language),
    }


def _text(words: Mapping[str, Any], theme: str, showing: int) -> str:
    """The theme's own text first; later others in turn, four of them, so that none comes twice within three turns."""
    if showing == 0:
        return str(words["texts"][theme])
    again = words["again"].get(_words()["groups"].get(theme, "self"))
    return str(again[(showing - 1) % len(again)])


def _steps(
    words: Mapping[str, Any], theme: str, level: RiskLevel, showing: int, slots: Mapping[str, str]
) -> tuple[str, ...]:
    """All steps at first. Later a few: the first stays where life is in danger now, the others take turns."""
    steps = words["theme_steps"].get(theme, {}).get(level.label, words["steps"][level.label])
    if showing:
        kept = steps[:1] if level >= RiskLevel.IMMINENT or theme == "ingestion" else []
        others = steps[len(kept) :]
        turn = showing % len(others)
        steps = [*kept, *others[turn:], *others[:turn]][:STEPS_AGAIN]
    return tuple(step.format(**slots) for step in steps)


def _untold(words: Mapping[str, Any], steps: Iterable[str], *, unsent: bool) -> tuple[str, ...]:
    """The steps where nobody of the team is being told: without that promise, which always ends its step."""
    kept = [step.partition(words["team"])[0].rstrip() for step in steps]
    return tuple(step for step in (*kept, words["unsent"] if unsent else "") if step)


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
    earlier = [flag for flag in flags if flag.level == owed.level and flag.created_at < owed.created_at]
    return card(
        RiskLevel(owed.level),
        owed.kind,
        language="zh" if language.startswith("zh") else "en",
        country=country,
        flag_id=owed.pk,
        disputed=owed.disputed_at is not None,
        aspects=aspects_of(owed.evidence),
        showing=len(earlier),
    )
