"""Who reads what a person writes about themselves for danger: an app above registers, `accounts` cannot judge words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Written:
    """A free text of the profile as it was sent. `is_new`: it was not there before, or said something else."""

    text: str
    is_new: bool


# What the page of help shows, for its template.
Help = Mapping[str, object]
Reader = Callable[[UUID, Sequence[Written], str], Help | None]
_readers: list[Reader] = []


def register_reader(reader: Reader) -> None:
    """Let `reader(person_id, texts, accept_language)` look at words of a profile; the last one counts.

    It is called in the transaction that keeps the words, so what it raises and what is kept come together.
    """
    _readers[:] = [reader]


def read(person_id: UUID, texts: Sequence[Written], accept_language: str) -> Help | None:
    """What the words ask to be shown; None where they speak of no danger, or nobody registered."""
    return _readers[-1](person_id, texts, accept_language) if _readers and texts else None
