"""Forms: seeded, balanced, without accidents."""

from __future__ import annotations

from collections import Counter

import pytest

from ml.cognition.forms import BACK, GO, KINDS, NO_GO_DIGIT, STAY, form

SEEDS = range(40)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_is_the_same_form_and_another_is_another(kind: str) -> None:
    assert form(kind, 7) == form(kind, 7)
    assert len({form(kind, seed).trials for seed in SEEDS}) == len(SEEDS)
    assert form(kind, 7).warm_up
    assert len({len(form(kind, seed).trials) for seed in SEEDS}) == 1


def test_flanker_is_balanced() -> None:
    for seed in SEEDS:
        trials = form("flanker", seed).trials
        assert Counter((trial.answer, trial.group) for trial in trials).most_common() == [
            (cell, 12) for cell, _ in Counter((trial.answer, trial.group) for trial in trials).most_common()
        ]
        assert all((trial.show.split()[0] == trial.answer) == (trial.group == "same") for trial in trials)


def test_the_digit_to_leave_out_is_rare_and_never_twice() -> None:
    for seed in SEEDS:
        trials = form("sart", seed).trials
        held = [place for place, trial in enumerate(trials) if trial.answer == STAY]
        assert len(held) == 10
        assert all(trials[place].show == str(NO_GO_DIGIT) for place in held)
        assert 0 not in held
        assert all(later - earlier > 1 for earlier, later in zip(held, held[1:], strict=False))


def test_matches_are_matches_and_nothing_else_is() -> None:
    for seed in SEEDS:
        letters = [trial.show for trial in form("nback", seed).trials]
        for place, trial in enumerate(form("nback", seed).trials):
            is_match = place >= BACK and letters[place] == letters[place - BACK]
            assert is_match == (trial.answer == GO)
        assert sum(trial.answer == GO for trial in form("nback", seed).trials) == 13


def test_spans_grow_by_one_after_two_tries() -> None:
    lengths = [len(trial.show) for trial in form("span", 3).trials]
    assert lengths == [3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]


def test_unknown_tests_are_refused() -> None:
    with pytest.raises(KeyError):
        form("iq", 1)
