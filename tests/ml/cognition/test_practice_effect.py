"""The control curve: repetition helps, less and less; most control persons lie in the range; a true change does not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from ml.cognition.forms import KINDS
from ml.cognition.practice_effect import NORMS, compare, curve, expected
from ml.cognition.scoring import Score

MAIN = {"reaction": "median_ms", "choice": "median_ms", "flanker": "median_ms", "sart": "slip_share"}


def a_score(kind: str, value: float) -> Score:
    main = MAIN.get(kind, "value")
    return Score(kind, main, {main: value}, 24, {}, ())


def test_every_test_has_a_curve() -> None:
    assert set(NORMS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_repetition_helps_less_and_less(kind: str) -> None:
    curve.cache_clear()
    first = curve(kind)
    curve.cache_clear()
    assert curve(kind) == first  # seeded
    steps = [abs(expected(kind, earlier, earlier + 1).middle) for earlier in (1, 5)]
    assert steps[0] > steps[1]
    assert (expected(kind, 1, 2).middle > 0) == (NORMS[kind].sign > 0)
    assert expected(kind, 50, 60).middle == 0


@pytest.mark.parametrize("kind", KINDS)
def test_controls_stay_within_and_a_large_change_does_not(kind: str) -> None:
    norm, chance = NORMS[kind], random.Random(5)
    day = norm.spread * (1 / norm.reliability - 1) ** 0.5
    gain = norm.sign * norm.spread * norm.gain * (1 - 2**-norm.rate)
    places = []
    for _ in range(600):
        before, after = (a_score(kind, value) for value in (chance.gauss(0, day), gain + chance.gauss(0, day)))
        found = compare(before, after, earlier=1, later=2)
        assert found
        places.append(found.place)
    assert 0.74 < places.count("within") / len(places) < 0.86
    large = compare(a_score(kind, 0), a_score(kind, norm.sign * 4 * norm.spread), earlier=1, later=2)
    assert large
    assert large.place == "better"


def test_what_cannot_be_compared_is_not() -> None:
    good, bad = a_score("reaction", 300), replace(a_score("reaction", 250), reasons=("too_few",))
    assert compare(good, bad, earlier=1, later=2) is None
    assert compare(good, a_score("choice", 300), earlier=1, later=2) is None
    with pytest.raises(ValueError, match="counted from 1"):
        expected("reaction", 2, 2)
