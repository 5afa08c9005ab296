"""How a practice is fitted to a person before it begins: pure rules from what they said, each with its reason.

During the practice the browser goes on by the same rules (`static/practice/adapting.js`), so that it works offline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from therapy.practice.body import Ratings
from therapy.practice.timeline import LEAST_SECONDS_A_PHASE

# At or below this on a scale of ten, a person counts as tense, scattered or low.
LOW = 3
# The share that is moved from one kind of phase to another.
SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lengths of the phases, and codes of the reasons: tense, scattered. Their words are in `wording.NOTES`."""

    lengths: tuple[int, ...]
    notes: tuple[str, ...]


def fit(phases: Sequence[str], lengths: Sequence[int], before: Ratings) -> Fitted:
    """Move time between phases; the whole stays as long as it was."""
    fitted, notes = list(lengths), []
    if before.calm is not None and before.calm <= LOW:
        fitted = _move(phases, fitted, ("focus", "mindfulness"), "relax")
        notes.append("tense")
    if before.focused is not None and before.focused <= LOW:
        fitted = _move(phases, fitted, ("focus",), "mindfulness")
        notes.append("scattered")
    return Fitted(tuple(fitted), tuple(notes))


def _move(phases: Sequence[str], lengths: list[int], sources: tuple[str, ...], target: str) -> list[int]:
    """Take a share from phases of the kinds `sources` and give it to the first of the kind `target`."""
    if target not in phases or not any(source in phases for source in sources):
        return lengths
    moved = list(lengths)
    for place, phase in enumerate(phases):
        if phase in sources:
            taken = min(round(moved[place] * SHARE), max(0, moved[place] - LEAST_SECONDS_A_PHASE))
            moved[place] -= taken
            moved[list(phases).index(target)] += taken
    return moved
