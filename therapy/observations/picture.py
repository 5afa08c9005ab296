"""Where the feelings of one conversation stand in the person's own picture: geometry only, no markup, no risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from therapy.observations.feelings import feeling_name, pleasant_words, stirred_words
from therapy.observations.selectors import ObservationView

# Pixels: the picture is drawn at its own size and scrolls sideways, so that its words stay readable on a phone.
STEP, SIDE, TOP, DEPTH, CAPTION = 66, 44, 24, 96, 28
_SMALL, _LARGE = 9.0, 21.0
_EVEN = 0.1


@dataclass(frozen=True, slots=True)
class Moment:
    """What was read from one message, in words and as a place. `tone`: light, even or heavy."""

    number: int
    at: datetime
    name: str
    is_clear: bool
    pleasant: str
    stirred: str
    tone: str
    x: int
    y: int
    radius: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All moments, oldest first; `left_out` is how many earlier ones there are. `path` joins them with soft waves."""

    moments: tuple[Moment, ...]
    left_out: int
    width: int
    height: int
    middle: int
    path: str

    @property
    def caption_y(self) -> int:
        """Baseline of the names below the picture."""
        return self.height - 12


def draw(readings: Sequence[ObservationView], *, most: int = 60) -> Picture:
    """The picture of the readings of one conversation, oldest first; the last `most` of them."""
    shown = list(readings)[-most:]
    left_out = len(readings) - len(shown)
    moments = tuple(_moment(view, place, left_out) for place, view in enumerate(shown))
    return Picture(
        moments=moments,
        left_out=left_out,
        width=2 * SIDE + STEP * max(0, len(moments) - 1),
        height=TOP + DEPTH + TOP + CAPTION,
        middle=TOP + DEPTH // 2,
        path=_wave(moments),
    )


def _moment(view: ObservationView, place: int, before: int) -> Moment:
    label = str(view.payload.get("label", "neutral"))
    valence = _within(view.payload.get("valence"))
    arousal = _within(view.payload.get("arousal"))
    return Moment(
        number=before + place + 1,
        at=view.at,
        name=feeling_name(label),
        is_clear=label != "neutral",
        pleasant=pleasant_words(valence),
        stirred=stirred_words(arousal),
        tone="light" if valence > _EVEN else "even" if valence >= -_EVEN else "heavy",
        x=SIDE + STEP * place,
        y=round(TOP + DEPTH * (1 - valence) / 2),
        radius=round(_SMALL + (_LARGE - _SMALL) * (arousal + 1) / 2, 1),
    )


def _within(value: object) -> float:
    return max(-1.0, min(1.0, float(value))) if isinstance(value, int | float) else 0.0


def _wave(moments: Sequence[Moment]) -> str:
    """A curve that is level at each moment, so that it never shows more than was read."""
    if len(moments) < 2:
        return ""
    parts = [f"M{moments[0].x} {moments[0].y}"]
    for one, other in zip(moments, moments[1:], strict=False):
        half = (one.x + other.x) // 2
        parts.append(f"C{half} {one.y} {half} {other.y} {other.x} {other.y}")
    return " ".join(parts)
