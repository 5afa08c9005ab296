"""The tables in `data/`: words, topics and feelings that point at problems, and hints at cautions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ml.planning.records import Bilingual
from ml.text import normalise, squeeze

_FOLDER = Path(__file__).resolve().parent / "data"
# Longer text is cut: what points at a problem stands early, and time stays bounded.
READ_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Problem:
    """How one problem of the graph is recognised and named."""

    name: Bilingual
    pattern: re.Pattern[str]
    topics: Mapping[str, float]
    person_first: bool


@dataclass(frozen=True, slots=True)
class Feeling:
    """How one feeling is named, which technique emotions it speaks to and which problems it hints at."""

    word: Bilingual
    labels: frozenset[str]
    techniques: frozenset[str]
    problems: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Hint:
    """How one caution shows itself."""

    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    topics: frozenset[str]
    kinds: frozenset[str]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _pattern(row: Mapping[str, Any]) -> re.Pattern[str]:
    english = "|".join(row["en"])
    return re.compile(rf"\b(?:{english})|{'|'.join(row['zh'])}")


@lru_cache(maxsize=1)
def problems() -> Mapping[str, Problem]:
    """Every problem of the graph by name."""
    return {
        key: Problem(Bilingual(**row["name"]), _pattern(row), row["topics"], row.get("person_first", False))
        for key, row in _table("problems.toml").items()
    }


@lru_cache(maxsize=1)
def feelings() -> Mapping[str, Feeling]:
    """Every feeling by label of the emotion reader; several labels may share one."""
    found: dict[str, Feeling] = {}
    for row in _table("feelings.toml").values():
        feeling = Feeling(
            Bilingual(**row["word"]), frozenset(row["labels"]), frozenset(row["techniques"]), row["problems"]
        )
        found.update(dict.fromkeys(row["labels"], feeling))
    return found


@lru_cache(maxsize=1)
def hints() -> Mapping[str, Hint]:
    """Hints by caution."""
    return {
        key: Hint(
            _pattern(row),
            re.compile("|".join(row["unless"])) if "unless" in row else None,
            frozenset(row.get("topics", ())),
            frozenset(row.get("kinds", ())),
        )
        for key, row in _table("cautions.toml").items()
    }


def plain(text: str) -> str:
    """Lower-case, folded, single-spaced form of the start of a text."""
    return squeeze(normalise(text[:READ_CHARACTERS]).text)


def problems_in(text: str) -> tuple[str, ...]:
    """Problems that a text mentions, in the order of the table."""
    read = plain(text)
    return tuple(key for key, problem in problems().items() if problem.pattern.search(read))


def cautions_in(texts: Iterable[str], topics: Iterable[str], kinds: Iterable[str]) -> frozenset[str]:
    """Cautions that texts, topics of talks or kinds of risk flags hint at."""
    read, topic_set, kind_set = [plain(text) for text in texts], set(topics), set(kinds)
    return frozenset(
        key
        for key, hint in hints().items()
        if hint.topics & topic_set or hint.kinds & kind_set or any(_is_hinted(hint, text) for text in read)
    )


def _is_hinted(hint: Hint, text: str) -> bool:
    return bool(hint.pattern.search(text)) and not (hint.unless and hint.unless.search(text))
