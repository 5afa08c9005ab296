"""N-grams as numbers: the same as counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.risk.features import BITS, CHARACTER_SIZES, SIZE, character_places, hashed, message_features

_ALL = 2**64


def one_by_one(units: list[int], size: int, seed: int) -> list[int]:
    """The hash of every run of `size` units, in plain integers."""
    found = []
    for begin in range(len(units) - size + 1):
        number = seed
        for unit in units[begin : begin + size]:
            number = (number ^ unit) * 0x9E3779B97F4A7C15 % _ALL
            number ^= number >> 29
        found.append((number * 0xBF58476D1CE4E5B9 % _ALL) >> (64 - BITS))
    return found


@given(st.lists(st.integers(0, 0x10FFFF), max_size=12), st.sampled_from([(2, 3, 4, 5), (1, 2, 3)]), st.integers(0, 1))
def test_hashes_are_those_of_each_run(units: list[int], sizes: tuple[int, ...], salt: int) -> None:
    found = hashed(np.array(units, dtype=np.uint64), sizes, salt)
    expected = [one_by_one(units, size, 0x51ED270B * ((salt * 8 + size) % 64 + 1)) for size in sizes]
    assert [row.tolist() for row in found] == [row for row in expected if row]


@pytest.mark.parametrize("text", ["", "a", "我", "not today", "😀" * 50, "\ud800 alone"])
def test_every_character_run_has_a_place(text: str) -> None:
    features = message_features(text)
    begins, ends = character_places(len(text))
    assert features.size == 0 or len(begins) <= len(features)
    assert ((features >= 0) & (features < SIZE)).all()
    assert ((begins <= ends) & (ends <= len(text))).all()
    assert len(CHARACTER_SIZES) == 4
