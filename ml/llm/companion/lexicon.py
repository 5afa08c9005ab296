"""What words tell: topic, situation, facets, feeling. Reads the TOML tables of `ml/data/bank`; knows no dialogue."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ml.llm.companion.bank import BANK_DIR
from ml.types import Language

Pattern = re.Pattern[str]
SHORT_WORD = 5  # letters; a longer entry is a stem and may go on ("revis" finds nothing shorter than it means)


@dataclass(frozen=True, slots=True)
class Cue:
    """A named situation with the patterns that show it, those that veto it, and a limit on length (0: none)."""

    name: str
    hits: tuple[Pattern, ...]
    vetoes: tuple[Pattern, ...]
    limit: int

    def is_met(self, text: str, length: int) -> bool:
        """True if the text, already plain, shows this situation."""
        if self.limit and length > self.limit:
            return False
        return any(p.search(text) for p in self.hits) and not any(p.search(text) for p in self.vetoes)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All tables of one language, compiled."""

    language: Language
    cues: tuple[Cue, ...]
    facets: tuple[Cue, ...]
    topics: dict[str, Pattern]
    emotions: dict[str, Pattern]
    people: Pattern
    full_names: dict[str, str]
    plural_people: frozenset[str]
    events: Pattern
    feelings: Pattern
    default_feeling: dict[str, str]

    def shows(self, situation: str, text: str) -> bool:
        """True if a text shows one of the named situations."""
        folded, size = plain(text), length_of(text, self.language)
        return any(cue.name == situation and cue.is_met(folded, size) for cue in self.cues)


def plain(text: str) -> str:
    """Compatibility form, lower case, straight apostrophes, single spaces: what patterns are matched against."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'").replace("`", "'")
    return re.sub(r"\s+", " ", folded).strip()


def length_of(text: str, language: Language) -> int:
    """Words in English, characters without spaces in Chinese."""
    return len(text.split()) if language == "en" else len(re.sub(r"\s", "", text))


@lru_cache(maxsize=2)
def load_lexicon(language: Language) -> Lexicon:
    """Read and compile the tables of a language."""
    words = _read(f"words_{language}.toml")
    return Lexicon(
        language=language,
        cues=tuple(_cue(row) for row in _read(f"cues_{language}.toml")["cue"]),
        facets=tuple(_cue(row) for row in _read(f"facets_{language}.toml")["facet"]),
        topics={name: _words(items, language) for name, items in words["topics"].items()},
        emotions={name: _words(items, language) for name, items in words["emotion_words"].items()},
        people=_words(words["people"]["words"], language, whole=True),
        full_names=dict(words["people"].get("full", {})),
        plural_people=frozenset(words["people"].get("plural", ())),
        events=_words(words["events"]["words"], language, whole=True),
        feelings=_words(words["feelings"]["words"], language, whole=True),
        default_feeling=dict(words["default_feeling"]),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((BANK_DIR / name).read_text(encoding="utf-8"))


def _cue(row: dict[str, Any]) -> Cue:
    return Cue(
        name=row["situation"] if "situation" in row else row["name"],
        hits=tuple(re.compile(p) for p in row["any"]),
        vetoes=tuple(re.compile(p) for p in row.get("not", ())),
        limit=int(row.get("max_words", row.get("max_chars", 0))),
    )


def _words(items: list[str], language: Language, *, whole: bool = False) -> Pattern:
    """One pattern for many words, the longest first. English ones begin, short or whole ones also end, at borders."""
    ordered = sorted(set(items), key=len, reverse=True)
    if language == "zh":
        # An entry that begins with "re:" is a pattern of its own.
        parts = (item[3:] if item.startswith("re:") else re.escape(item) for item in ordered)
        return re.compile(f"(?:{'|'.join(parts)})")
    ends = [re.escape(item) + (r"\b" if whole else r"s?\b" if len(item) <= SHORT_WORD else "") for item in ordered]
    return re.compile(rf"\b(?:{'|'.join(ends)})")
