"""Chinese, word by word, in English: how an English encoder reads it. Every glossed word knows where it came from.

Segmentation is the most likely split under a unigram model whose chances come from the rank of each entry in the
glossary (Zipf); the glossary was written for this project (`ml/data/glossary`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from ml.text.characters import is_han

GLOSSARY = Path(__file__).resolve().parent.parent / "data" / "glossary" / "zh_en.txt"
SILENT = "-"
_UNKNOWN_COST = 16.0
# One word is preferred to two: each costs something besides its rank.
_WORD_COST = 4.0
_PUNCTUATION = str.maketrans("，。！？；：、“”‘’（）", ",.!?;:,\"\"''()")


class GlossaryError(Exception):
    """The glossary is missing or has a line that is no entry."""


@dataclass(slots=True)
class Glossed:
    """English words; character i of `text` stands for source[starts[i]:ends[i]]."""

    pieces: list[str]
    starts: list[int]
    ends: list[int]

    @property
    def text(self) -> str:
        """The whole reading."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Glossary:
    """Word → gloss and cost (nats); `longest` word in characters."""

    entries: dict[str, tuple[str, float]]
    longest: int


@cache
def load(path: Path = GLOSSARY) -> Glossary:
    """Read `word gloss words…` lines, most frequent first.

    Raises:
        GlossaryError: the file is missing, or a line has no gloss.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise GlossaryError(f"{path.name}: {type(error).__name__}") from error
    entries: dict[str, tuple[str, float]] = {}
    for rank, line in enumerate(lines):
        word, _, meaning = line.partition(" ")
        if not word or not meaning:
            raise GlossaryError(f"{path.name}: line {rank + 1} is no entry")
        entries.setdefault(word, (meaning, math.log(rank + 10.0) + _WORD_COST))
    return Glossary(entries, max(map(len, entries), default=1))


def gloss(text: str) -> Glossed:
    """English reading of normalised text; what is not Chinese stays as it is."""
    glossed = Glossed([], [], [])
    for begin, end, is_chinese in _stretches(text):
        part = text[begin:end]
        if not is_chinese:
            plain = part.translate(_PUNCTUATION)
            glossed.pieces.append(plain)
            glossed.starts += range(begin, end)
            glossed.ends += range(begin + 1, end + 1)
            continue
        for word, start in segment(part):
            meaning = load().entries.get(word, (word, 0.0))[0]
            if meaning != SILENT:
                glossed.pieces.append(f"{meaning} ")
                glossed.starts += [begin + start] * (len(meaning) + 1)
                glossed.ends += [begin + start + len(word)] * (len(meaning) + 1)
    return glossed


def segment(chinese: str) -> list[tuple[str, int]]:
    """Words of a run of Han characters with their places: the cheapest split (Viterbi)."""
    glossary = load()
    best = [0.0] + [math.inf] * len(chinese)
    back = [0] * (len(chinese) + 1)
    for begin in range(len(chinese)):
        for end in range(begin + 1, min(begin + glossary.longest, len(chinese)) + 1):
            entry = glossary.entries.get(chinese[begin:end])
            if entry is None and end > begin + 1:
                continue
            cost = best[begin] + (entry[1] if entry else _UNKNOWN_COST)
            if cost < best[end]:
                best[end], back[end] = cost, begin
    words: list[tuple[str, int]] = []
    end = len(chinese)
    while end:
        words.append((chinese[back[end] : end], back[end]))
        end = back[end]
    return words[::-1]


def _stretches(text: str) -> list[tuple[int, int, bool]]:
    """Begin, end and whether it is Chinese, of each longest run."""
    found: list[tuple[int, int, bool]] = []
    for is_chinese, run in groupby(range(len(text)), key=lambda place: is_han(text[place])):
        places = list(run)
        found.append((places[0], places[-1] + 1, is_chinese))
    return found
