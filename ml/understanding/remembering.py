"""What of a message is worth keeping between conversations: plain facts of a life, and what somebody likes or dislikes.

Closed patterns only, in English and Chinese, and always the person's own words: nothing is inferred, nothing
rephrased. Rather too little than too much. Never kept: danger, health, what the law protects specially, and other
people's affairs. The patterns stand in `ml/data/memory`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from ml.llm.companion.own_words import is_safe
from ml.types import Language

Kind = Literal["fact", "preference"]

DATA = Path(__file__).resolve().parents[1] / "data" / "memory"
LIKING = re.compile(r"\b(like|prefer|enjoy|don't want|do not want|hate)\b|喜欢|不想|讨厌|更愿意", re.IGNORECASE)
# Of these somebody has one at a time: what is said later takes the place of what was said before.
SINGLE = frozenset({"work.shift", "home", "address", "language", "length"})
# Rules without a free word: what they match needs no second look. "No use", said of an exercise, is no insult.
CLOSED = frozenset({"dislikes", "helps", "length", "tone", "language", "time"})
LONGEST_MESSAGE, LONGEST, MOST = 2000, 120, 4
_OUTER = ' \t,，.。!！;；:："“”'


@dataclass(frozen=True, slots=True)
class Noticed:
    """One thing to keep: the person's own words. `slot` says what it is about; `is_asked`: they asked for it."""

    kind: Kind
    slot: str
    text: str
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Patterns:
    """The table of one language, compiled. `named` are the patterns that are no rules."""

    rules: tuple[tuple[str, Kind, re.Pattern[str]], ...]
    named: Mapping[str, re.Pattern[str]]


@lru_cache(maxsize=2)
def load_patterns(language: Language) -> Patterns:
    """Read and compile the table of a language."""
    table = tomllib.loads((DATA / f"patterns_{language}.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = {}
    for name, source in table["words"].items():
        words[name] = _filled(source, words)
    return Patterns(
        rules=tuple(
            (
                rule["slot"],
                rule["kind"],
                re.compile(f"(?:{_filled(rule['pattern'], words)}){words['END']}", re.IGNORECASE),
            )
            for rule in table["rules"]
        ),
        named={name: re.compile(source, re.IGNORECASE) for name, source in table["patterns"].items()},
    )


def _filled(source: str, words: Mapping[str, str]) -> str:
    return re.sub(r"<([A-Z_]+)>", lambda found: words[found.group(1)], source)


def notice(text: str, language: Language) -> tuple[Noticed, ...]:
    """What may be kept of one message, in the order said; at most four things.

    The caller has made sure that the message speaks of no danger and that the person allows it.
    """
    patterns = load_patterns(language)
    found: dict[str, Noticed] = {}
    for sentence in sentences_of(text[:LONGEST_MESSAGE]):
        asked = _asked(sentence, language)
        if asked is not None:
            found.setdefault(asked.text, asked)
            continue
        if is_question(sentence) or patterns.named["unreal"].search(sentence):
            continue
        for clause in clauses_of(sentence, language):
            thing = _match(clause, language)
            if thing is not None:
                found.setdefault(thing.text, thing)
    return tuple(found.values())[:MOST]


def may_be_kept(text: str, language: Language) -> bool:
    """Whether words are free of danger, insult, health, specially protected matters and other people's affairs."""
    plain, named = text.replace("’", "'"), load_patterns(language).named
    refused = named["sensitive"].search(plain) or named["others"].search(plain)
    return not refused and len(text) <= LONGEST and is_safe(text, language)


def is_question(sentence: str) -> bool:
    """Whether a sentence asks rather than tells."""
    return bool(re.search(r"[?？]\s*$|[吗呢么]\s*[。.!！]?$|是不是|有没有", sentence))


def sentences_of(text: str) -> list[str]:
    """A message in sentences, each with its mark at the end."""
    return [part.strip() for part in re.split(r"(?<=[.!?。！？；;])\s*|\n+", text) if part.strip()]


def clauses_of(sentence: str, language: Language) -> Iterator[str]:
    """The clauses of a sentence, each without what leads into it."""
    named = load_patterns(language).named
    for piece in named["clauses"].split(sentence.replace("’", "'")):
        clause = named["leading"].sub("", piece.strip(_OUTER)).strip()
        if clause:
            yield clause


def _match(clause: str, language: Language) -> Noticed | None:
    for slot, kind, pattern in load_patterns(language).rules:
        if pattern.fullmatch(clause):
            # How somebody wants to be called is said to "you"; it is about nobody else.
            about = re.sub(r"^you can |^你?可以", "", clause, flags=re.IGNORECASE) if slot == "address" else clause
            is_fit = slot in CLOSED or may_be_kept(about, language)
            return Noticed(kind, slot, tidy(clause)) if is_fit else None
    return None


def _asked(sentence: str, language: Language) -> Noticed | None:
    """Words after "please remember that …", if they are about the person."""
    asked = load_patterns(language).named["asked"].fullmatch(sentence.replace("’", "'").strip().rstrip(_OUTER))
    if asked is None or is_question(asked["what"]):
        return None
    what = asked["what"].strip(_OUTER)
    for clause in clauses_of(what, language):
        known = _match(clause, language)
        if known is not None:
            return Noticed(known.kind, known.slot, known.text, is_asked=True)
    if not what or not may_be_kept(what, language):
        return None
    return Noticed("preference" if LIKING.search(what) else "fact", "asked", tidy(what), is_asked=True)


def tidy(text: str) -> str:
    """Single spaces and a capital first."""
    text = re.sub(r"\s+", " ", text).strip()
    return text[:1].upper() + text[1:]
