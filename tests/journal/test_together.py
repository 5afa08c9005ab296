"""What goes together: the arithmetic against known values, silence below 14 days, chance called chance."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from therapy.journal import chart, together, wording
from therapy.journal.selectors import DayNumbers
from therapy.journal.together import Day

FIRST = date(2026, 1, 1)


def numbers(day: int, valence: float | None, hours: float | None, *tags: str) -> DayNumbers:
    return DayNumbers(FIRST + timedelta(days=day), valence, None, None, hours, None, frozenset(tags))


def made(count: int, seed: int, effect: float) -> list[DayNumbers]:
    rng = random.Random(seed)
    found = []
    for day in range(count):
        hours = rng.uniform(4, 9)
        mood = max(-2.0, min(2.0, effect * (hours - 6.5) + rng.gauss(0, 1)))
        found.append(numbers(day, mood, hours, *(["walk"] if rng.random() < 0.5 else ["sofa"])))
    return found


def test_ranks_and_correlation_as_in_the_books() -> None:
    assert together.ranks([10, 20, 20, 30]) == [1, 2.5, 2.5, 4]
    assert together.pearson([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert together.pearson([1, 1, 1], [2, 4, 6]) == 0
    # Ten pairs of IQ and television hours, the worked example of most textbooks: rho = -29/165.
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    rho = together.pearson(together.ranks(iq), together.ranks(hours))
    assert rho == pytest.approx(-29 / 165)
    low, high = together.interval(0.5, 50, 0.95)
    # By hand: atanh 0.5 = 0.5493, error = sqrt(1.125 / 47) = 0.1547.
    assert (low, high) == pytest.approx((0.241, 0.692), abs=0.001)


def test_days_that_resemble_the_one_before_count_for_less() -> None:
    slow = [float(number) for number in range(40)]
    assert together.independent_days(slow, slow) < 10
    rng = random.Random(1)
    quick = [rng.random() for _each in range(400)]
    assert together.independent_days(quick, quick) > 300


def test_below_14_days_nothing_is_said() -> None:
    assert wording.links_of(made(13, 1, 1.0)) == []
    assert wording.links_of(made(14, 1, 1.0))


def test_a_strong_link_is_found_and_called_no_cause() -> None:
    found = wording.links_of(made(60, 2, 0.8))
    assert found[0].seen == "After longer nights your mood was a little higher."
    assert not found[0].may_be_chance
    assert "cannot say" in found[0].sure
    assert "60 days" in found[0].figures


def test_chance_is_called_chance_in_19_of_20_journals() -> None:
    journals = [wording.links_of(made(60, seed, 0.0)) for seed in range(200)]
    misled = sum(any(not link.may_be_chance for link in found) for found in journals)
    assert misled <= 20


def test_an_activity_needs_days_with_and_without_it() -> None:
    days = [
        Day(FIRST + timedelta(days=n), n % 3 - 1.0, {}, frozenset({"rest"} if n < 3 else {"work"})) for n in range(30)
    ]
    assert together.links(days) == []


def test_the_picture_has_gaps_where_nothing_was_told_and_weeks_where_there_is_much() -> None:
    few = [numbers(0, 1, 8), numbers(1, None, None), numbers(2, -2, 4), numbers(20, 2, None)]
    drawn = chart.draw(few, first=FIRST, last=FIRST + timedelta(days=29))
    assert [point.mood_y for point in drawn.points] == [27.0, None, 96.0, 4.0]
    assert drawn.mood_path.count("M") == 2
    assert not drawn.is_weekly
    much = [numbers(day, 0, 7) for day in range(1826)]
    drawn = chart.draw(much, first=FIRST, last=FIRST + timedelta(days=1825))
    assert drawn.is_weekly
    assert len(drawn.points) < 270
