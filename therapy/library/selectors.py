"""Reads of the library for the apps: one validated copy per process."""

from __future__ import annotations

from functools import lru_cache

from ml.planning.drafting import HIGH_RISK
from ml.planning.library import load
from ml.planning.records import Library, Technique


@lru_cache(maxsize=1)
def library() -> Library:
    """The library of this version of the product.

    Raises:
        LibraryError: it was changed and is not valid; `check` says the same at start.
    """
    return load()


def technique(technique_id: str) -> Technique | None:
    """One technique; None where a plan holds a step of the person's own or one that is no longer in the library."""
    return library().techniques.get(technique_id)


def is_out_at_high_risk(one: Technique) -> bool:
    """Whether the library forbids a technique while risk is high: a person comes first then."""
    return HIGH_RISK in one.not_for
