"""The arithmetic of expected benefit: what ratings move, by how much, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from ml.planning import benefit
from ml.planning.benefit import believe, chances_of_doing
from ml.planning.graph import graph_of
from ml.planning.inputs import FollowedSeen, OthersSeen, RatingSeen, seed_of
from ml.planning.library import load

LIBRARY = load()
GRAPH = graph_of(LIBRARY)
WORTH = dict.fromkeys(LIBRARY.techniques, 0.5)


def rated(technique: str, gain: float, count: int = 1, days_ago: int = 0) -> tuple[RatingSeen, ...]:
    return (RatingSeen(technique, 5, 5 + gain, days_ago),) * count


def test_without_ratings_the_prior_stands() -> None:
    belief = believe(GRAPH, {"sc-break": 1.0}, ())
    assert belief.of("sc-break")[0] == pytest.approx(benefit.FLOOR + benefit.SPAN)
    assert belief.of("sc-kind-friend")[0] == pytest.approx(benefit.FLOOR)


def test_the_posterior_is_the_one_of_the_textbook() -> None:
    """One technique alone: precision-weighted mean of prior and ratings."""
    belief = believe(GRAPH, WORTH, rated("sc-break", 3, 4))
    prior = benefit.FLOOR + benefit.SPAN * 0.5
    variance = benefit.PERSON**2 + benefit.MECHANISM**2 + benefit.OWN**2
    weight = variance / (variance + benefit.NOISE**2 / 4)
    assert belief.of("sc-break")[0] == pytest.approx(prior + weight * (3 - prior))
    assert belief.of("sc-break")[1] ** 2 == pytest.approx(variance * (1 - weight))


def test_a_rating_moves_what_is_like_it_more_than_what_is_not() -> None:
    before, after = believe(GRAPH, WORTH, ()), believe(GRAPH, WORTH, rated("sc-break", 4, 3))
    moved = {name: after.of(name)[0] - before.of(name)[0] for name in LIBRARY.techniques}
    assert moved["sc-break"] > moved["sc-kind-friend"] > moved["sleep-caffeine-light"] > 0


def test_more_ratings_leave_less_doubt_and_old_ones_more() -> None:
    deviations = [believe(GRAPH, WORTH, rated("sc-break", 2, count)).of("sc-break")[1] for count in (1, 3, 9)]
    assert deviations == sorted(deviations, reverse=True)
    fresh, old = (believe(GRAPH, WORTH, rated("sc-break", 4, 3, age)).of("sc-break")[0] for age in (0, 200))
    assert fresh > old


def test_one_extreme_day_counts_no_more_than_a_strong_one() -> None:
    assert believe(GRAPH, WORTH, (RatingSeen("sc-break", 0, 10),)).of("sc-break") == pytest.approx(
        believe(GRAPH, WORTH, rated("sc-break", benefit.MOST_GAIN)).of("sc-break")
    )


def test_a_covariance_stays_one_and_draws_are_bounded_and_repeatable() -> None:
    ratings = tuple(RatingSeen(name, 5, 5 + number % 4, number) for number, name in enumerate(LIBRARY.techniques))
    belief = believe(GRAPH, WORTH, ratings * 3)
    assert np.linalg.eigvalsh(belief.covariance).min() > 0
    deviations = np.sqrt(np.diag(belief.covariance))
    for seed in range(50):
        drawn = belief.sample(seed, 1.5)
        assert (np.abs(drawn - belief.mean) <= 1.5 * deviations + 1e-9).all()
        assert (drawn == belief.sample(seed, 1.5)).all()
    assert (belief.sample(1, 1.5) != belief.sample(2, 1.5)).any()


def test_others_move_the_prior_only_where_enough_of_them_spoke() -> None:
    many = [OthersSeen("sc-break", 2.0, 200), OthersSeen("cog-worry-time", 0.5, 200)]
    few = [OthersSeen("sc-break", 2.0, 19), OthersSeen("cog-worry-time", 0.5, 19)]
    assert believe(GRAPH, WORTH, (), many).of("sc-break")[0] > believe(GRAPH, WORTH, ()).of("sc-break")[0]
    assert (believe(GRAPH, WORTH, (), few).mean == believe(GRAPH, WORTH, ()).mean).all()
    assert believe(GRAPH, WORTH, (), [OthersSeen("no such", 2.0, 99)]).mean == pytest.approx(GRAPH_PRIOR)


GRAPH_PRIOR = np.full(len(LIBRARY.techniques), benefit.FLOOR + benefit.SPAN * 0.5)


def test_unknown_techniques_are_passed_over() -> None:
    assert (believe(GRAPH, WORTH, rated("gone", 9)).mean == believe(GRAPH, WORTH, ()).mean).all()


def test_what_is_never_done_is_expected_less_but_a_busy_person_is_not_blamed_on_one_step() -> None:
    fits = {"a": 1.0, "b": 1.0, "c": 0.5}
    chances = chances_of_doing(fits, [FollowedSeen("a", 6, 0), FollowedSeen("b", 6, 6)])
    assert chances["a"] < chances["b"]
    assert chances_of_doing(fits, ()) == fits
    everywhere = chances_of_doing(fits, [FollowedSeen("a", 10, 3), FollowedSeen("b", 10, 3)])
    assert everywhere["a"] == pytest.approx(everywhere["b"])
    assert everywhere["c"] < 0.5, "little done at all lowers what is expected of the rest too"
    broken = chances_of_doing(fits, [FollowedSeen("a", 2, 9), FollowedSeen("b", -3, -1)])
    assert all(0 <= chance <= 1 for chance in broken.values())


def test_a_seed_belongs_to_a_person_and_a_version() -> None:
    seeds = {seed_of(person, version) for person in ("alice", "bob") for version in (1, 2)}
    assert len(seeds) == 4
    assert seed_of("alice", 1) == seed_of("alice", 1) < 2**64
