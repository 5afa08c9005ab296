"""When a practice is not the right one today: notes for trauma, psychosis and panic, with what to do instead.

Read from `data/conditions.toml`; a file that is wrong is refused when it is first read, by `check` at start.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ml.types import Language
from therapy.library.selectors import shipped

FILE = Path(__file__).resolve().parent / "data" / "conditions.toml"


class ConditionsError(ValueError):
    """The file of conditions is wrong."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: practices that are not for it, those that need care, and what is kinder, best first."""

    key: str
    title: dict[str, str]
    not_for: frozenset[str]
    with_care: frozenset[str]
    text_not: dict[str, str]
    text_care: dict[str, str]
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What one condition says about one practice. `is_out`: choose one of `instead`."""

    key: str
    title: str
    text: str
    is_out: bool
    instead: tuple[str, ...]


@lru_cache(maxsize=1)
def conditions() -> tuple[Condition, ...]:
    """All conditions.

    Raises:
        ConditionsError: a practice is named that is not in the library, or a text is missing.
    """
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["condition"]
    found = tuple(_read(row) for row in rows)
    known = set(shipped().practices)
    for condition in found:
        unknown = (condition.not_for | condition.with_care | set(condition.instead)) - known
        if unknown:
            raise ConditionsError(f"{condition.key}: {sorted(unknown)} are no practices")
        if condition.not_for & set(condition.instead):
            raise ConditionsError(f"{condition.key}: what is not for it stands under `instead` too")
    return found


def notes_for(practice_id: str, language: Language) -> tuple[Note, ...]:
    """What to know before this practice, one note for each condition that touches it."""
    found = []
    for condition in conditions():
        is_out = practice_id in condition.not_for
        if is_out or practice_id in condition.with_care:
            text = (condition.text_not if is_out else condition.text_care)[language]
            instead = tuple(other for other in condition.instead if other != practice_id)
            found.append(Note(condition.key, condition.title[language], text, is_out, instead))
    return tuple(found)


def _read(row: dict[str, object]) -> Condition:
    def pair(name: str) -> dict[str, str]:
        texts = row.get(name)
        if not isinstance(texts, dict) or not all(str(texts.get(language, "")).strip() for language in ("en", "zh")):
            raise ConditionsError(f"{row.get('key')}: {name} needs en and zh")
        return {language: str(texts[language]) for language in ("en", "zh")}

    def names(name: str) -> tuple[str, ...]:
        values = row.get(name)
        if not isinstance(values, list):
            raise ConditionsError(f"{row.get('key')}: {name} must be a list")
        return tuple(str(value) for value in values)

    return Condition(
        key=str(row["key"]),
        title=pair("title"),
        not_for=frozenset(names("not_for")),
        with_care=frozenset(names("with_care")),
        text_not=pair("text_not"),
        text_care=pair("text_care"),
        instead=names("instead"),
    )
