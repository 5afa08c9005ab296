"""Plain form of a message with a map back to it: what rules and heads read. Never raises, bounded in time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ml.text.characters import FOLDED, is_han
from ml.text.rewriting import Rewrite, rewrites_for

# Longer text is read at both ends: people open and close with what matters, and time stays bounded.
LIMIT = 48_000


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is folded, lower-case and rewritten; character i of it came from original[starts[i]:ends[i]]."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    is_cut: bool = False

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the original of a span of `text`; an empty span stays empty."""
        if not self.text or start >= end:
            place = self.starts[start] if start < len(self.starts) else len(self.original)
            return place, place
        last = min(end, len(self.text)) - 1
        first = min(start, last)
        return min(self.starts[first : last + 1]), max(self.ends[first : last + 1])


def normalise(text: str) -> Normalised:
    """Fold characters, then rewrite words, keeping for every character where it came from."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    is_cut = len(text) > LIMIT
    for offset, part in _parts(text):
        for place, character in enumerate(part, start=offset):
            folded = FOLDED[character]
            if folded:
                pieces.append(folded)
                starts.extend([place] * len(folded))
                ends.extend([place + 1] * len(folded))
    plain = "".join(pieces)
    for rewrite in rewrites_for(plain, any(map(is_han, plain))):
        plain, starts, ends = _apply(rewrite, plain, starts, ends)
    return Normalised(text, plain, tuple(starts), tuple(ends), is_cut)


def _parts(text: str) -> list[tuple[int, str]]:
    if len(text) <= LIMIT:
        return [(0, text)]
    half = LIMIT // 2
    return [(0, text[:half]), (len(text) - half, text[-half:])]


def _apply(rewrite: Rewrite, text: str, starts: list[int], ends: list[int]) -> tuple[str, list[int], list[int]]:
    pattern, replace = rewrite
    matches = list(pattern.finditer(text))
    if not matches:
        return text, starts, ends
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    done = 0
    for match in matches:
        begin, end = match.span()
        pieces.append(text[done:begin])
        new_starts += starts[done:begin]
        new_ends += ends[done:begin]
        value = match[0] if begin == end else replace(match)
        pieces.append(value)
        # Every character of the new word points at the whole of the old one.
        new_starts += [starts[begin]] * len(value) if begin < end else []
        new_ends += [ends[end - 1]] * len(value) if begin < end else []
        done = end
    pieces.append(text[done:])
    return "".join(pieces), new_starts + starts[done:], new_ends + ends[done:]


_SPACES = re.compile(r"\s+")


def squeeze(text: str) -> str:
    """One space for each run of white space; for places where offsets do not matter."""
    return _SPACES.sub(" ", text).strip()
