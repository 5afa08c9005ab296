"""The sealed part of a run as values: ratings before and after, the lengths of its phases, what was adapted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

SCALES = ("calm", "focused", "mood")
LOWEST, HIGHEST = 0, 10
# A phase is lengthened by at most this many seconds in one run.
MOST_EXTRA = 300


@dataclass(frozen=True, slots=True)
class Ratings:
    """What a person said of themselves, 0 to 10 each; None where they did not say."""

    calm: int | None = None
    focused: int | None = None
    mood: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return all(getattr(self, scale) is None for scale in SCALES)

    def as_dict(self) -> dict[str, int]:
        """Only what was said."""
        return {scale: getattr(self, scale) for scale in SCALES if getattr(self, scale) is not None}


@dataclass(frozen=True, slots=True)
class RunBody:
    """`lengths`: seconds of each phase as begun; `extra`: seconds added on the way; `notes`: why, as codes."""

    lengths: tuple[int, ...]
    extra: tuple[int, ...]
    notes: tuple[str, ...] = ()
    before: Ratings = field(default_factory=Ratings)
    after: Ratings = field(default_factory=Ratings)
    seconds: int = 0  # how long was really practised

    @property
    def whole(self) -> int:
        """Seconds from beginning to end, with everything added."""
        return sum(self.lengths) + sum(self.extra)

    def extended(self, extra: tuple[int, ...]) -> RunBody:
        """With more time in some phases; nothing where the numbers do not fit this run."""
        if len(extra) != len(self.lengths):
            return self
        return replace(self, extra=tuple(min(max(seconds, 0), MOST_EXTRA) for seconds in extra))


def rating(value: object) -> int | None:
    """A number of the scale, or None."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = int(value)
    except ValueError:
        return None
    return number if LOWEST <= number <= HIGHEST else None


def ratings(data: Mapping[str, object]) -> Ratings:
    """Ratings from a form or from storage; what is no number of the scale is left out."""
    return Ratings(**{scale: rating(data.get(scale)) for scale in SCALES})


def to_json(body: RunBody) -> str:
    """As stored, before it is sealed."""
    return json.dumps(asdict(body))


def from_json(text: str) -> RunBody:
    """From what was stored."""
    stored: dict[str, Any] = json.loads(text)
    return RunBody(
        lengths=tuple(stored["lengths"]),
        extra=tuple(stored["extra"]),
        notes=tuple(stored.get("notes", ())),
        before=ratings(stored.get("before", {})),
        after=ratings(stored.get("after", {})),
        seconds=int(stored.get("seconds", 0)),
    )
