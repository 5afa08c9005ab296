"""Practices in time: every length keeps its promise, lines fit the breath, and adapting only moves time."""

from __future__ import annotations

import pytest

from ml.planning.library import load
from therapy.practice import adapting, conditions, timeline
from therapy.practice.body import Ratings, RunBody, from_json, rating, to_json

PRACTICES = load().practices


@pytest.mark.parametrize("practice", PRACTICES.values(), ids=lambda practice: practice.id)
def test_every_length_lasts_as_long_as_it_says(practice) -> None:
    for minutes in practice.minutes:
        lengths = timeline.lengths(practice, minutes)
        assert sum(lengths) == minutes * 60
        assert min(lengths) >= timeline.LEAST_SECONDS_A_PHASE


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("practice", PRACTICES.values(), ids=lambda practice: practice.id)
def test_lines_have_time_and_begin_with_a_breath(practice, language) -> None:
    for minutes in practice.minutes:
        lengths = timeline.lengths(practice, minutes)
        for part in timeline.lay_out(practice, language, lengths, [0] * len(lengths)):
            times = [line.at for line in part.lines]
            assert times[0] == 0
            assert all(later - earlier >= 5.9 for earlier, later in zip(times, times[1:], strict=False))
            assert times[-1] < part.seconds
            cycle = timeline.cycle_of(part.pacer)
            assert not cycle or all(at % cycle == pytest.approx(0) for at in times)


def test_short_ones_keep_the_first_and_the_last_line() -> None:
    practice = PRACTICES["prac-54321"]
    part = timeline.lay_out(practice, "en", (20, 60, 20), (0, 0, 0))[1]
    script = practice.phases[1].script.en
    assert len(part.lines) == 10
    assert (part.lines[0].text, part.lines[-1].text) == (script[0], script[-1])


def test_somebody_tense_gets_more_breathing_within_the_same_time() -> None:
    phases, lengths = ("settle", "relax", "mindfulness", "focus", "settle"), (60, 170, 170, 150, 50)
    fitted = adapting.fit(phases, lengths, Ratings(calm=2, focused=7))
    assert sum(fitted.lengths) == sum(lengths)
    assert fitted.lengths[1] > 170
    assert fitted.lengths[3] < 150
    assert fitted.notes == ("tense",)
    scattered = adapting.fit(phases, lengths, Ratings(focused=3))
    assert scattered.notes == ("scattered",)
    assert scattered.lengths[1] == 170
    assert scattered.lengths[3] < 150


def test_nothing_said_changes_nothing() -> None:
    assert adapting.fit(("settle", "relax"), (60, 120), Ratings()).lengths == (60, 120)
    # No phase to take time from: the note stays, its advice helps.
    assert adapting.fit(("settle", "relax"), (60, 120), Ratings(calm=0)).lengths == (60, 120)


def test_bodies_survive_storage_and_refuse_what_does_not_fit() -> None:
    body = RunBody((60, 120), (0, 30), ("tense",), Ratings(3, None, 5), Ratings(6, 5, None), 200)
    assert from_json(to_json(body)) == body
    assert body.whole == 210
    assert body.extended((10,)) == body
    assert body.extended((-5, 9999)).extra == (0, 300)
    assert [rating(value) for value in ("7", 7, "", None, "11", -1, True, "x", 3.5)] == [7, 7] + [None] * 7


def test_conditions_name_real_practices_and_something_kinder() -> None:
    assert {condition.key for condition in conditions.conditions()} == {"trauma", "psychosis", "panic"}
    for practice_id in PRACTICES:
        for note in conditions.notes_for(practice_id, "zh"):
            assert note.text
            assert note.instead
            assert practice_id not in note.instead
    out = {note.key for note in conditions.notes_for("prac-open-monitoring", "en") if note.is_out}
    assert out == {"trauma", "psychosis"}
    assert all(not conditions.notes_for("prac-54321", "en") for _ in range(1))
