"""Runs policies over simulated people for some weeks, one world a seed, and sums up over seeds with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ml.evaluation.plans_people import Person, Population, World
from ml.evaluation.plans_policies import (
    FEWEST,
    MOST_FIXED,
    History,
    Policy,
    Shares,
    best_order,
    best_orders,
    fixed_by_problem,
    fixed_plan,
    graph_alone,
    hindsight,
    planner,
    random_plan,
)
from ml.planning.graph import Array
from ml.planning.inputs import OthersSeen
from ml.planning.records import Library

GOES, BOOTSTRAPS = 10, 4000
# People whose true effects the fixed plans are chosen from, and people here before whose ratings "with others" has.
KNOWN, BEFORE = 800, 150
ARMS = ("planner", "planner_with_others", "graph_alone", "fixed", "fixed_by_problem", "random", "hindsight")
Benefits = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Study:
    """How much is simulated."""

    people: int
    weeks: int
    seeds: tuple[int, ...]


def run_seed(world: World, library: Library, seed: int, study: Study, arms: Sequence[str] = ARMS) -> Benefits:
    """Mean benefit a person has in each week, shape (weeks,), for each arm in one world."""
    population = Population(world, library, seed)
    known = population.people(KNOWN, stream=1)
    makers: dict[str, Callable[[], Array]] = {
        "planner": lambda: follow(planner(population), population, study),
        "planner_with_others": lambda: follow(planner(population), population, study, others_of(population, study)),
        "graph_alone": lambda: follow(graph_alone(population), population, study),
        "fixed": lambda: _best_fixed(best_order(known), population, study),
        "fixed_by_problem": lambda: follow(
            fixed_by_problem(best_orders(known, population), population), population, study
        ),
        "random": lambda: follow(random_plan(population), population, study),
        "hindsight": lambda: follow(hindsight(population), population, study),
    }
    return {arm: makers[arm]() for arm in arms}


def follow(policy: Policy, population: Population, study: Study, others: tuple[OthersSeen, ...] = ()) -> Array:
    """True benefit a person by week, the mean over people. Every policy meets the same people anew."""
    people = population.people(study.people)
    rows = [_live(person, policy, population, study.weeks, History(others), (3, n)) for n, person in enumerate(people)]
    return np.asarray(np.mean(rows, axis=0), dtype=np.float64)


def others_of(population: Population, study: Study) -> tuple[OthersSeen, ...]:
    """What people who came before said of each technique under our planner: the mean of their own means."""
    told: dict[str, list[float]] = {}
    for number, person in enumerate(population.people(BEFORE, stream=2)):
        history = History()
        _live(person, planner(population), population, study.weeks, history, (4, number))
        gains: dict[str, list[float]] = {}
        for rating in history.ratings:
            gains.setdefault(rating.technique, []).append(rating.gain)
        for name, row in gains.items():
            told.setdefault(name, []).append(fmean(row))
    return tuple(OthersSeen(name, fmean(row), len(row)) for name, row in sorted(told.items()))


def _best_fixed(order: Sequence[int], population: Population, study: Study) -> Array:
    """The fixed plan of three to five techniques that in the end gave most: chosen afterwards, in its favour."""
    tries = [follow(fixed_plan(order, count, population), population, study) for count in range(FEWEST, MOST_FIXED + 1)]
    return max(tries, key=lambda row: float(row.sum()))


def _live(
    person: Person, policy: Policy, population: Population, weeks: int, history: History, stream: tuple[int, int]
) -> Array:
    draw, drift = (np.random.default_rng([population.seed, kind, *stream]) for kind in (5, 6))
    benefit = np.zeros(weeks)
    for week in range(weeks):
        for place, goes in _goes(policy(person, week, history)):
            name = population.names[place]
            history.offered[name] = history.offered.get(name, 0) + goes
            before = person.goes[place]
            for _ in range(goes):
                gave, rating = person.practise(place, name, 7 * week + int(draw.integers(7)), draw)
                benefit[week] += gave
                history.ratings += [rating] if rating else []
            history.done[name] = history.done.get(name, 0) + int(person.goes[place] - before)
        person.drift(drift)
    return benefit


def _goes(shares: Shares) -> list[tuple[int, int]]:
    """Whole goes that add up to the week's, by largest remainder."""
    exact = {place: share * GOES for place, share in shares.items()}
    goes = {place: int(value) for place, value in exact.items()}
    for place in sorted(exact, key=lambda one: (goes[one] - exact[one], one))[: GOES - sum(goes.values())]:
        goes[place] += 1
    return list(goes.items())


def more_than(ours: Sequence[float], theirs: Sequence[float], seed: int = 0) -> dict[str, float]:
    """How much more the first gave, as a share, with a 95 % percentile bootstrap interval over seeds (Efron 1979)."""
    one, other = np.asarray(ours), np.asarray(theirs)
    picks = np.random.default_rng(seed).integers(0, len(one), (BOOTSTRAPS, len(one)))
    drawn = one[picks].sum(axis=1) / other[picks].sum(axis=1) - 1.0
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": float(one.sum() / other.sum() - 1.0), "low": float(low), "high": float(high)}


def totals(rows: Sequence[Mapping[str, Array]], arm: str) -> list[float]:
    """The benefit of all weeks a person has under this arm, one value a seed."""
    return [float(row[arm].sum()) for row in rows]
