"""What the shared encoder says of feelings: its logits, tempered and moved by what the lexicon finds named outright."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.encoder.session import Session
from ml.text import normalise
from ml.types import Language
from ml.understanding.features import clip
from ml.understanding.labels import FEELINGS, GOEMOTIONS
from ml.understanding.lexicon import cues
from ml.understanding.linear import softmax

Vector = npt.NDArray[np.float32]


def goemotions(outputs: dict[str, Vector]) -> dict[str, float]:
    """Probability of each of the 28 GoEmotions, independent of each other."""
    shares = 1.0 / (1.0 + np.exp(-outputs["goemotions"]))
    return dict(zip(GOEMOTIONS, shares.tolist(), strict=True))


def feelings(session: Session, outputs: dict[str, Vector], text: str, language: Language) -> dict[str, float]:
    """Probability of each of the 12 feelings; they sum to 1. `text` is folded, as `plain` makes it."""
    keys = ("feeling_bias", "cue_bonus")
    bias, bonus = (np.array([session.settings[key][name] for name in FEELINGS], np.float32) for key in keys)
    logits = outputs["feelings"] / float(session.settings["temperature"]) + bias
    named = [FEELINGS.index(name) for name in cues(text, language)]
    logits[named] += bonus[named]
    return dict(zip(FEELINGS, softmax(logits).tolist(), strict=True))


def outputs_of(session: Session, text: str) -> dict[str, Vector]:
    """All outputs for one message by itself."""
    return session.read(normalise(clip(text)).text)
