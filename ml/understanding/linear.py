"""The Chinese reader: one linear layer over hashed n-grams, run with numpy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from ml.types import Language
from ml.understanding.features import SIZE, features, plain
from ml.understanding.labels import FEELINGS

WEIGHTS = "weights.safetensors"
SETTINGS = "settings.json"


@dataclass(frozen=True, slots=True)
class LinearReader:
    """Weights [SIZE, 12], bias [12], inverse document frequency [SIZE] and the temperature found on held-out rows."""

    weights: npt.NDArray[np.float16]
    bias: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]
    temperature: float
    language: Language = "zh"

    def feelings(self, text: str) -> dict[str, float]:
        """Probabilities of the 12 feelings; they sum to 1."""
        slots, values = features(plain(text), self.language, self.idf)
        logits = values @ self.weights[slots].astype(np.float32) + self.bias
        return dict(zip(FEELINGS, softmax(logits / self.temperature).tolist(), strict=True))


def softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Probabilities over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: npt.NDArray[np.float32] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def load(directory: Path) -> LinearReader:
    """Read the files that `python -m ml.training emotion` wrote.

    Raises:
        OSError, ValueError, KeyError: a file is missing or is not what it should be.
    """
    tensors = load_file(directory / WEIGHTS)
    settings = json.loads((directory / SETTINGS).read_text(encoding="utf-8"))
    weights, idf = tensors["weights"], tensors["idf"].astype(np.float32)
    if weights.shape != (SIZE, len(FEELINGS)) or idf.shape != (SIZE,):
        raise ValueError(f"{directory.name}: weights of shape {weights.shape} do not fit this code")
    return LinearReader(weights, tensors["bias"].astype(np.float32), idf, float(settings["temperature"]))
