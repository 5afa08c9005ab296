"""The numbers the last stage decides by: scores of n-grams and encoder, rule levels, cues of message and context."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.encoder.heads import LEVELS
from ml.risk.reading import Reading
from ml.types import RiskLevel

HEADS = LEVELS
CUES = tuple(
    [f"says.{cue}" for cue in ("yes", "no", "soon", "done", "retraction", "humour", "fiction", "theme", "past")]
    + [f"says.{cue}" for cue in ("present", "resolved", "real")]
    + [f"asked.{cue}" for cue in ("ask_suicide", "ask_safety", "ask_plan")]
    + [f"before.{cue}" for cue in ("benign", "fiction", "ask_suicide")]
)
_SHORT = {"en": 60, "zh": 20}
_SCALE = 3.0
_MOST = 8.0

Vector = npt.NDArray[np.float32]


def dense(reading: Reading, message: Vector, before: Vector, encoded: Vector) -> Vector:
    """Last-stage input. All of shape (4,): n-gram scores of the message, their maximum over the person's turns before,
    and the encoder's logits of the message in its context."""
    length = len(reading.message.text)
    has_context = float(bool(reading.before))
    is_short = float(length < _SHORT[reading.language])
    said = message / _SCALE
    understood = np.clip(encoded, -_MOST, _MOST) / _SCALE
    earlier = before / _SCALE * has_context
    cues = {name: float(name in reading.cues) for name in CUES}
    asked = max(cues["asked.ask_suicide"], cues["asked.ask_safety"], cues["asked.ask_plan"])
    answers = [
        cues["asked.ask_suicide"] * cues["says.yes"],
        cues["asked.ask_suicide"] * cues["says.no"],
        cues["asked.ask_safety"] * cues["says.done"],
        cues["asked.ask_plan"] * cues["says.soon"],
        asked * cues["says.soon"],
        asked * cues["says.done"],
        asked * is_short,
        cues["before.benign"] * is_short,
    ]
    parts = [
        said,
        understood,
        earlier,
        _steps(reading.rule_level),
        _steps(reading.scene),
        _steps(reading.hint_level),
        list(cues.values()),
        [has_context, is_short, has_context * is_short, float(np.log1p(length)) / 5],
        said * has_context,
        said * has_context * is_short,
        answers,
        earlier * asked,
        said * cues["asked.ask_suicide"],
        np.minimum(said, earlier) * has_context,
        said * cues["before.benign"],
        said * cues["says.fiction"],
        said * cues["says.theme"],
        said * cues["says.humour"],
        understood * has_context,
        understood * is_short,
        np.minimum(said, understood),
        understood * cues["before.benign"],
    ]
    return np.concatenate([np.asarray(part, dtype=np.float32) for part in parts])


def _steps(level: RiskLevel) -> list[float]:
    return [float(level >= step) for step in (1, 2, 3, 4)]
