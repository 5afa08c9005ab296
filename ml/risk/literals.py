"""Strings of which any match of a pattern must hold one: hundreds of patterns then pass a message in microseconds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

_MOST = 80


def required_literals(pattern: str) -> tuple[str, ...]:
    """Shortest useful set of such strings; empty where there is none, and then the pattern must always be tried."""
    return tuple(sorted(_of_sequence(_parser.parse(pattern)) or ()))


class Scanned(str):
    """A text that knows its letters and its pairs of letters: one set operation then rules most patterns out."""

    __slots__ = ("pairs",)
    pairs: frozenset[str]

    def __new__(cls, text: str) -> Scanned:
        """The same text; one that was scanned before is given back."""
        if isinstance(text, Scanned):
            return text
        made = super().__new__(cls, text)
        made.pairs = frozenset(text).union(map("".join, pairwise(text)))
        return made


def heads_of(literals: tuple[str, ...]) -> frozenset[str]:
    """How each of the strings begins; of two letters at most."""
    return frozenset(literal[:2] for literal in literals)


def may_match(literals: tuple[str, ...], text: str, heads: frozenset[str] = frozenset()) -> bool:
    """False only where the pattern cannot match. `heads`, of the literals, spare the search in a scanned text."""
    if not literals:
        return True
    if heads and isinstance(text, Scanned) and heads.isdisjoint(text.pairs):
        return False
    return any(map(text.__contains__, literals))


def _of_sequence(items: Iterable[Any]) -> frozenset[str] | None:
    candidates: list[frozenset[str]] = []
    run = ""
    for operation, argument in items:
        if operation is _constants.LITERAL:
            run += chr(argument)
            continue
        if run:
            candidates.append(frozenset({run}))
            run = ""
        found = _of_item(operation, argument)
        if found:
            candidates.append(found)
    if run:
        candidates.append(frozenset({run}))
    usable = [found for found in candidates if len(found) <= _MOST]
    return max(usable, key=_worth, default=None)


def _of_item(operation: Any, argument: Any) -> frozenset[str] | None:
    if operation is _constants.SUBPATTERN:
        return _of_sequence(argument[3])
    if operation is _constants.BRANCH:
        parts = [_of_sequence(branch) for branch in argument[1]]
        if any(part is None for part in parts):
            return None
        return frozenset(text for part in parts if part for text in part)
    if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and argument[0] >= 1:
        return _of_sequence(argument[2])
    return None


def _worth(found: frozenset[str]) -> tuple[float, int]:
    """Rare strings first: long Latin, any two Han characters; then fewer of them."""
    shortest = min(len(text) * (2.0 if text[:1] >= "\u4e00" else 1.0) for text in found)
    return min(shortest, 5.0), -len(found)
