"""Strings of which any match of a pattern must hold one: hundreds of patterns then pass a message in microseconds."""

from __future__ import annotations

from collections.abc import Iterable
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Generic, TypeVar

_MOST = 80

_T = TypeVar("_T")


def required_literals(pattern: str) -> tuple[str, ...]:
    """Shortest useful set of such strings; empty where there is none, and then the pattern must always be tried."""
    return tuple(sorted(_of_sequence(_parser.parse(pattern)) or ()))


class Scanned(str):
    """A text that knows how each of its stretches begins: set operations then rule most patterns out.

    `blanked`: the same text with its idioms blanked, by language, once that was asked for; None where it has none.
    """

    __slots__ = ("blanked", "heads")
    heads: frozenset[str]
    blanked: dict[str, Scanned | None]

    def __new__(cls, text: str) -> Scanned:
        """The same text; one that was scanned before is given back."""
        if isinstance(text, Scanned):
            return text
        made = super().__new__(cls, text)
        made.blanked = {}
        pairs, triples = zip(text, text[1:], strict=False), zip(text, text[1:], text[2:], strict=False)
        made.heads = frozenset(text).union(map("".join, pairs), map("".join, triples))
        return made


def heads_of(literals: tuple[str, ...]) -> frozenset[str]:
    """How each of the strings begins; of three letters at most."""
    return frozenset(literal[:3] for literal in literals)


class Index(Generic[_T]):
    """Many things, each with the heads of its literals: one pass over a text finds those that may match it."""

    def __init__(self, things: Iterable[tuple[_T, frozenset[str]]]) -> None:
        by_head: dict[str, set[_T]] = {}
        always: set[_T] = set()
        for thing, heads in things:
            if not heads:
                always.add(thing)
            for head in heads:
                by_head.setdefault(head, set()).add(thing)
        self._always = frozenset(always)
        self._by_head = {head: frozenset(found) for head, found in by_head.items()}

    def likely(self, text: str) -> frozenset[_T]:
        """Whatever may match; what is left out cannot."""
        heads = Scanned(text).heads
        return self._always.union(*[self._by_head[head] for head in heads if head in self._by_head])


def may_match(literals: tuple[str, ...], text: str, heads: frozenset[str] = frozenset()) -> bool:
    """False only where the pattern cannot match. `heads`, of the literals, spare the search in a scanned text."""
    if not literals:
        return True
    if heads and isinstance(text, Scanned) and heads.isdisjoint(text.heads):
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
