"""The guard's rules as data: reads `rules_*.toml` and matches one plain sentence. Holds no pattern of its own."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Full stops inside numbers and abbreviations do not end a sentence; a closing quote belongs to the one before.
SENTENCE = re.compile(r".+?(?:[.!?](?=\s|[\"”')]|$)[\"”')]*|[。！？；…]+[」』”’）]*|\n+|$)", re.DOTALL)
MARKDOWN = re.compile(r"[*_`~#]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """An id with patterns that object and patterns that clear. `whole`: looked for across sentences too."""

    id: str
    hits: tuple[re.Pattern[str], ...]
    clears: tuple[re.Pattern[str], ...]
    whole: bool

    def objects(self, sentence: str) -> bool:
        """True if the plain sentence breaks the rule."""
        return any(p.search(sentence) for p in self.hits) and not any(p.search(sentence) for p in self.clears)


@lru_cache(maxsize=1)
def load_rules() -> tuple[Rule, ...]:
    """Rules of both languages: a reply in the wrong language is no way round the rules of the other."""
    rows = [row for language in ("en", "zh") for row in _read(f"rules_{language}.toml")]
    return tuple(
        Rule(
            id=row["id"],
            hits=tuple(re.compile(p) for p in row["any"]),
            clears=tuple(re.compile(p) for p in row.get("not", ())),
            whole=bool(row.get("whole", False)),
        )
        for row in rows
    )


def plain(text: str) -> str:
    """Compatibility form, lower case, straight apostrophes, no invisible marks, no markdown emphasis."""
    folded = INVISIBLE.sub("", unicodedata.normalize("NFC", text)).lower().replace("’", "'").replace("‘", "'")
    return re.sub(r"[ \t]+", " ", MARKDOWN.sub("", _half_width(folded))).strip()


def sentences(text: str) -> list[str]:
    """Split at sentence ends of both languages."""
    return [match.group().strip() for match in SENTENCE.finditer(text) if match.group().strip()]


def _half_width(text: str) -> str:
    """Full-width letters and digits to plain ones; Chinese punctuation stays, as sentence ends need it."""
    return "".join(unicodedata.normalize("NFKC", char) if "０" <= char <= "ｚ" else char for char in text)


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))["rule"]
    return rows
