"""The learned second pair of eyes: n-grams and encoder, weighed with rules and cues. Reads files, trains nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load

from ml.risk.dense import HEADS, Vector, dense
from ml.risk.features import SIZE, Indices, message_features
from ml.risk.reading import Reading
from ml.types import Language, RiskLevel

FOLDER = Path(__file__).resolve().parent.parent / "models" / "risk-head"
_BEFORE_TURNS = 6
_NOTHING_SAID = -3.0
# Keeps the odds of the surest messages apart.
_DOUBT = 0.05


class HeadError(Exception):
    """The weights cannot be used: missing, changed or of another shape. The text names the file."""


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of one language. First stage: (SIZE, 4), so that a gram's weights lie together; second: (4, inputs)."""

    version: str
    idf: npt.NDArray[np.float32]
    by_gram: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    second_weights: npt.NDArray[np.float32]
    second_bias: npt.NDArray[np.float32]
    thresholds: dict[str, float]

    def first_stage(self, found: Indices) -> Vector:
        """Scores of one text by each head, shape (4,), from its n-gram indices."""
        places, values = self.weigh(found)
        return (values @ self.by_gram[places] + self.bias).astype(np.float32)

    def weigh(self, found: Indices) -> tuple[Indices, Vector]:
        """Distinct n-grams with their value: (1 + log count) × idf, scaled to length 1."""
        places, counts = np.unique(found, return_counts=True)
        values = (1.0 + np.log(counts)) * self.idf[places]
        norm = float(np.sqrt(values @ values))
        return places, (values / norm if norm else values).astype(np.float32)

    def probabilities(self, reading: Reading, encoded: Vector) -> dict[str, float]:
        """Calibrated chance of at least low, moderate, high, imminent; never rising from one to the next.

        `encoded`: the encoder's level logits of the message in its context, shape (4,).
        """
        message = self.first_stage(message_features(reading.message.text))
        turns = [self.first_stage(message_features(text)) for text in reading.before[-_BEFORE_TURNS:]]
        before = np.max(turns, axis=0) if turns else np.full(len(HEADS), _NOTHING_SAID, dtype=np.float32)
        chances = self.second_stage(dense(reading, message, before, encoded))
        return {name: float(chance) for name, chance in zip(HEADS, chances, strict=True)}

    def second_stage(self, inputs: Vector) -> Vector:
        """Chances by head, shape (4,), from the numbers of `dense`."""
        scores = self.second_weights @ inputs + self.second_bias
        return np.asarray(np.minimum.accumulate(1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30)))), dtype=np.float32)

    def level(self, chances: dict[str, float]) -> RiskLevel:
        """Highest level whose odds reach their threshold."""
        found = odds(np.array([chances[name] for name in HEADS]))
        reached = [place for place, name in enumerate(HEADS, start=1) if found[place - 1] >= self.thresholds[name]]
        return RiskLevel(max(reached, default=0))


def odds(chances: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What a level is decided by: the chance of at least that level against the chance of nothing at all; (…, 4).

    An alarm is false where nothing was said, not where a lower level was: whether the two upper ones are told apart
    must not decide whether somebody is called. The first cut is decided by its chance alone.
    """
    found = chances / (1.0 - chances[..., :1] + _DOUBT)
    found[..., 0] = chances[..., 0]
    return np.asarray(found)


@cache
def load_head(language: Language, folder: Path = FOLDER) -> Head:
    """Read one language's weights once, checked against the pinned hash.

    Raises:
        HeadError: a file is missing, its hash is not the pinned one, or a shape is wrong.
    """
    try:
        card: dict[str, Any] = json.loads((folder / "head.json").read_text(encoding="utf-8"))
        pinned = card["languages"][language]
        content = (folder / pinned["file"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != pinned["sha256"]:
            raise HeadError(f"{pinned['file']}: not the pinned file (sha256 differs)")
        tensors = {name: tensor.astype(np.float32) for name, tensor in load(content).items()}
        # The large tables are bytes, with the size of a step.
        by_gram = np.ascontiguousarray((tensors.pop("weights") * tensors.pop("weights_step")).T)
        tensors["idf"] *= tensors.pop("idf_step")
        head = Head(by_gram=by_gram, version=str(card["version"]), thresholds=dict(pinned["thresholds"]), **tensors)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise HeadError(f"{folder.name}/{language}: {type(error).__name__}: {error}") from error
    if head.idf.shape != (SIZE,) or head.by_gram.shape != (SIZE, len(HEADS)):
        raise HeadError(f"{folder.name}/{language}: wrong shape")
    return head
