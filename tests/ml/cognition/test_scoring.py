"""Scores: known runs give known numbers, what must be left out is, and rubbish is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.cognition.forms import GO, KINDS, Form, form
from ml.cognition.scoring import Answer, from_dict, read_answers, score


def perfect(one: Form, ms: float = 400.0) -> list[Answer]:
    return [
        Answer(place, "" if trial.answer == "stay" else trial.answer, None if trial.answer == "stay" else ms)
        for place, trial in enumerate(one.trials)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_perfect_run_is_usable(kind: str) -> None:
    found = score(form(kind, 1), perfect(form(kind, 1)))
    assert found.is_usable
    assert found.main in found.values
    assert found.values.get("median_ms", 400.0) == 400.0
    assert from_dict(found.as_dict()) == found


def test_anticipations_and_hidden_trials_are_left_out() -> None:
    one = form("reaction", 1)
    answers = perfect(one, 300.0)
    answers[0] = Answer(0, GO, 90.0)
    answers[1] = Answer(1, GO, 5000.0, was_hidden=True)
    answers[2] = Answer(2)
    answers[3] = Answer(3, GO, 700.0)
    found = score(one, answers[:-1])
    assert found.left_out == {"hidden": 1, "anticipation": 1, "missing": 1}
    assert found.values["median_ms"] == 300.0
    assert found.values["slow"] == 2
    assert found.is_usable


def test_pressing_all_the_time_is_no_result() -> None:
    one = form("reaction", 1)
    assert "too_early" in score(one, [Answer(place, GO, 60.0) for place in range(24)]).reasons
    assert score(one, []).reasons == ("too_few",)
    sides = form("choice", 1)
    assert "guessing" in score(sides, [Answer(place, "left", 300.0) for place in range(40)]).reasons
    letters = form("nback", 1)
    assert "guessing" in score(letters, [Answer(place, GO, 400.0) for place in range(42)]).reasons
    assert "guessing" in score(form("sart", 1), [Answer(place) for place in range(90)]).reasons


def test_the_cost_of_flankers() -> None:
    one = form("flanker", 2)
    answers = [
        Answer(place, trial.answer, 400.0 if trial.group == "same" else 460.0) for place, trial in enumerate(one.trials)
    ]
    assert score(one, answers).values["cost_ms"] == 60.0


def test_slips_and_misses() -> None:
    one = form("sart", 2)
    answers = perfect(one)
    held = [place for place, trial in enumerate(one.trials) if trial.answer == "stay"]
    for place in held[:4]:
        answers[place] = Answer(place, GO, 350.0)
    asked = [place for place, trial in enumerate(one.trials) if trial.answer == GO]
    for place in asked[:8]:
        answers[place] = Answer(place)
    found = score(one, answers)
    assert found.values["slip_share"] == 0.4
    assert found.values["miss_share"] == 0.1


def test_the_longest_row() -> None:
    one = form("span", 2)
    answers = [Answer(place, trial.answer, 3000.0) for place, trial in enumerate(one.trials[:7])]
    answers += [Answer(7, "1", 2000.0), Answer(8, "", None), Answer(9, "12", 2000.0)]
    assert score(one, answers).values == {"longest": 6.0, "right": 7.0}


@pytest.mark.parametrize(
    "rows",
    [
        "no list",
        [1],
        [{"i": -1}],
        [{"i": 24}],
        [{"i": True}],
        [{"i": 0}, {"i": 0}],
        [{"i": 0, "key": 3}],
        [{"i": 0, "key": "x" * 13}],
        [{"i": 0, "ms": -1}],
        [{"i": 0, "ms": "1"}],
        [{"i": 0, "ms": float("nan")}],
        [{"i": place} for place in range(25)],
    ],
)
def test_rubbish_is_refused(rows: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_answers(rows, 24)


@given(
    st.sampled_from(KINDS),
    st.lists(
        st.tuples(st.sampled_from(["", "go", "left", "right", "123"]), st.none() | st.floats(0, 5000)), max_size=14
    ),
)
def test_any_run_has_finite_scores(kind: str, given_answers: list[tuple[str, float | None]]) -> None:
    rows = [{"i": place, "key": key, "ms": ms} for place, (key, ms) in enumerate(given_answers)]
    one = form(kind, 5)
    found = score(one, read_answers(rows, len(one.trials)))
    assert all(abs(value) < 1e6 for value in found.values.values())
    assert 0 <= found.used <= len(rows)
