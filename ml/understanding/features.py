"""Hashed character n-grams of a message, plus one slot per feeling the lexicon finds: what the linear head reads.

The same code runs in training and in use; a change here needs new weights.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.text import normalise, squeeze
from ml.types import Language
from ml.understanding.labels import FEELINGS
from ml.understanding.lexicon import cues

BITS = 17
CUE_SLOTS = 16
SIZE = (1 << BITS) + CUE_SLOTS
CUE_VALUE = 0.35
LIMIT = 2_000
_GRAMS = (1, 2, 3, 4)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)

Indices = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]


def clip(text: str) -> str:
    """At most LIMIT characters, half from each end: people open and close with what matters."""
    half = LIMIT // 2
    return text if len(text) <= LIMIT else f"{text[:half]} {text[-half:]}"


def plain(text: str) -> str:
    """Folded, rewritten, single-spaced form of the clipped text."""
    return squeeze(normalise(clip(text)).text)


def hashed_grams(text: str) -> Indices:
    """Slot of every n-gram of `text` with a space on each side, repeated where it repeats."""
    units = np.frombuffer(f" {text} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    found = []
    for size in _GRAMS:
        count = max(0, len(units) - size + 1)
        rolling = np.full(count, size * 0x51ED270B, dtype=np.uint64)
        for shift in range(size):
            rolling = (rolling ^ units[shift : shift + count]) * _MULTIPLIER
            rolling ^= rolling >> np.uint64(29)
        found.append(((rolling * _MIX) >> np.uint64(64 - BITS)).astype(np.int64))
    return np.concatenate(found)


def features(plain_text: str, language: Language, idf: Values) -> tuple[Indices, Values]:
    """Slots and values: log-counted n-grams weighted by `idf` to unit length, then the cue slots."""
    slots, counts = np.unique(hashed_grams(plain_text), return_counts=True)
    values = (1.0 + np.log(counts)) * idf[slots]
    length = float(np.sqrt((values * values).sum()))
    named = [(1 << BITS) + FEELINGS.index(name) for name in cues(plain_text, language)]
    slots = np.concatenate([slots, np.array(named, dtype=np.int64)])
    values = np.concatenate([values / (length or 1.0), np.full(len(named), CUE_VALUE)])
    return slots, values.astype(np.float32)
