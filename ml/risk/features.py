"""Hashed n-grams of a message, as the learned heads read them. The same code in training and in use."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BITS = 18
SIZE = 1 << BITS
_WORD = re.compile(r"[a-z0-9']+|[\u3400-\u9fff]|[^\sa-z0-9'\u3400-\u9fff]")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SEEDS = tuple(np.uint64(0x51ED270B * (place + 1)) for place in range(64))
MESSAGE_LIMIT = 4_000
CHARACTER_SIZES = (2, 3, 4, 5)
WORD_SIZES = (1, 2, 3)

Indices = npt.NDArray[np.int64]


def hashed(units: npt.NDArray[np.uint64], sizes: Sequence[int], salt: int) -> list[Indices]:
    """Hash every run of n units for each n, the sizes rising; shape of each: (len(units) - n + 1,), values below SIZE.

    All sizes at once, a row each: [sizes, len(units)]. What runs past the end is dropped.
    """
    length = len(units)
    padded = np.concatenate([units, np.zeros(sizes[-1], dtype=np.uint64)])
    seeds = [_SEEDS[(salt * 8 + size) % 64] for size in sizes]
    rolling = np.repeat(np.array(seeds, dtype=np.uint64)[:, None], length, axis=1)
    for shift in range(sizes[-1]):
        longer = rolling[sum(size <= shift for size in sizes) :]
        longer ^= padded[shift : shift + length]
        longer *= _MULTIPLIER
        longer ^= longer >> np.uint64(29)
    rolling *= _MIX
    rolling >>= np.uint64(64 - BITS)
    found = rolling.astype(np.int64)
    return [row[: length - size + 1] for size, row in zip(sizes, found, strict=True) if length >= size]


def _characters(text: str) -> npt.NDArray[np.uint64]:
    padded = f" {text} ".encode("utf-32-le", "surrogatepass")
    return np.frombuffer(padded, dtype=np.uint32).astype(np.uint64)


def _words(text: str) -> npt.NDArray[np.uint64]:
    """One number for each word; Python's own hash is salted by process, so sum the letters ourselves."""
    return np.array([_word_number(word) for word in _WORD.findall(text)], dtype=np.uint64)


def _word_number(word: str) -> int:
    number = 1469598103934665603
    for byte in word.encode("utf-8", "surrogatepass"):
        number = ((number ^ byte) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return number


def message_features(text: str) -> Indices:
    """Indices of all n-grams of the end of a message, repeated where they repeat; characters first, by size."""
    cut = text[-MESSAGE_LIMIT:].replace("\n", " ")
    if not cut:
        return np.zeros(0, dtype=np.int64)
    found = hashed(_characters(cut), CHARACTER_SIZES, 0) + hashed(_words(cut), WORD_SIZES, 1)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def character_places(length: int) -> tuple[Indices, Indices]:
    """Begin and end, in the cut text, of each character n-gram of `message_features`, in its order."""
    begins, ends = [], []
    for size in CHARACTER_SIZES:
        # One space stands before and one after the text.
        places = np.arange(max(0, length + 2 - size + 1), dtype=np.int64)
        begins.append(np.clip(places - 1, 0, length))
        ends.append(np.clip(places - 1 + size, 0, length))
    return np.concatenate(begins), np.concatenate(ends)
