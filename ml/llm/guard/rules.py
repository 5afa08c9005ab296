"""The guard's rules as data: reads `rules_*.toml` and matches one plain sentence. Holds no pattern of its own."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Full stops inside numbers and abbreviations do not end a sentence; a closing quote belongs to the one before.
SENTENCE = re.compile(r".+?(?:[.!?](?=\s|[\"”')]|$)[\"”')]*|[。！？；…]+[」』”’）]*|\n+|$)", re.DOTALL)
MARKDOWN = re.compile(r"[*_`~#]+")
# A reply that stands between quotation marks as a whole is no quotation.
WHOLE_QUOTE = re.compile(r"[\"“「『]([^\"“”「」『』]*)[\"”」』]?")
# What clears a hit reaches no further than its clause; ", or that" goes on with the clause before.
CLAUSE = re.compile(
    r"[,，](?!\s?n?or (?:that|if|whether)\b|\d)|[;:—–(；：（。！？…\n]|[.!?](?=\s|$)|\s-\s"
    r"|\b(?:but|because|since|although|though)\b|\b(?:and|so) (?=(?:you|your|he|she|they|this|it|i|we)\b)"
    r"|不过|但|可是|然而|却|所以|而且"
)
QUOTED = re.compile(r"[\"“「『][^\"”」』]*(?:[\"”」』]|$)")
WORD = re.compile(r"[a-z0-9']+|[㐀-鿿]")
# Words (en) or characters (zh) that may stand between what clears and the hit that it governs.
NEAR = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """An id with patterns that object and patterns that clear.

    `whole`: looked for across sentences too. `quoted`: words between quotation marks are not the speaker's own.
    """

    id: str
    hits: tuple[re.Pattern[str], ...]
    clears: tuple[re.Pattern[str], ...]
    whole: bool
    quoted: bool

    def objects(self, sentence: str) -> bool:
        """True if the plain sentence breaks the rule: every hit needs something of its own that clears it."""
        return any(not self._is_cleared(sentence, hit) for hit in self._found(sentence))

    def _found(self, sentence: str) -> Iterator[re.Match[str]]:
        for pattern in self.hits:
            hit = pattern.search(sentence)
            while hit:
                yield hit
                hit = pattern.search(sentence, hit.start() + 1)

    def _is_cleared(self, sentence: str, hit: re.Match[str]) -> bool:
        if self.quoted and any(mark.start() < hit.start() < mark.end() for mark in QUOTED.finditer(sentence)):
            return True
        begin, end = _clause(sentence, hit)
        return any(
            clear.start() <= hit.end() and len(WORD.findall(sentence, clear.end(), hit.start())) <= NEAR
            for pattern in self.clears
            for clear in pattern.finditer(sentence, begin, end)
        )


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
            quoted=bool(row.get("quoted", False)),
        )
        for row in rows
    )


def plain(text: str) -> str:
    """Compatibility form, lower case, straight apostrophes, no invisible marks, no emphasis, no quotes around all."""
    folded = INVISIBLE.sub("", unicodedata.normalize("NFC", text)).lower().replace("’", "'").replace("‘", "'")
    bare = re.sub(r"[ \t]+", " ", MARKDOWN.sub("", _half_width(folded))).strip()
    quote = WHOLE_QUOTE.fullmatch(bare)
    return quote.group(1).strip() if quote else bare


def sentences(text: str) -> list[str]:
    """Split at sentence ends of both languages."""
    return [match.group().strip() for match in SENTENCE.finditer(text) if match.group().strip()]


def _clause(sentence: str, hit: re.Match[str]) -> tuple[int, int]:
    """Where the clause of a hit begins and ends, or the clauses where it runs through several."""
    ends = [match.end() for match in CLAUSE.finditer(sentence)]
    begin = max((end for end in ends if end <= hit.start()), default=0)
    return begin, min((end for end in ends if end >= hit.end()), default=len(sentence))


def _half_width(text: str) -> str:
    """Full-width letters and digits to plain ones; Chinese punctuation stays, as sentence ends need it."""
    return "".join(
        unicodedata.normalize("NFKC", char) if "０" <= char <= "ｚ" and char not in "：；？" else char for char in text
    )


def _read(name: str) -> list[dict[str, Any]]:
    """The rules of a file, the `words` it names filled into their patterns."""
    data = tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = data["rule"]
    for row in rows:
        for key in ("any", "not"):
            row[key] = [_filled(pattern, data["words"]) for pattern in row.get(key, ())]
    return rows


def _filled(pattern: str, words: dict[str, str]) -> str:
    for name, spelled in words.items():
        pattern = pattern.replace(f"{{{name}}}", spelled)
    return pattern
