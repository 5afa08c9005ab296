"""The plans that the study compares: ours with and without learning, fixed ones, random ones, and hindsight.

A policy answers each week with techniques and shares of the week's goes. All obey the same hard constraints and get
the same number of goes, so that only the choice differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ml.evaluation.plans_people import Person, Population
from ml.planning.constraints import is_allowed
from ml.planning.drafting import cautions_of, draft
from ml.planning.inputs import PERSON, FollowedSeen, OthersSeen, PlanDraft, PlanInputs, RatingSeen
from ml.planning.reviewing import PlanBefore, review

FEWEST, MOST_FIXED = 3, 5


@dataclass(slots=True)
class History:
    """What a planner gets to know of one person, nothing hidden. Here a rating's `days_ago` holds its day."""

    others: tuple[OthersSeen, ...] = ()
    ratings: list[RatingSeen] = field(default_factory=list)
    offered: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    plan: PlanDraft | None = None

    def inputs(self, person: Person, week: int) -> PlanInputs:
        """The inputs of a draft at the beginning of this week, 0 for the first."""
        return replace(
            person.inputs,
            ratings=tuple(replace(one, days_ago=7 * week - one.days_ago) for one in self.ratings),
            followed=tuple(FollowedSeen(name, due, self.done.get(name, 0)) for name, due in self.offered.items()),
            others=self.others,
            week=week + 1,
            seed=(person.inputs.seed + week) % 2**32,
        )


Shares = dict[int, float]
Policy = Callable[[Person, int, History], Shares]


def allowed_places(person: Person, population: Population) -> npt.NDArray[np.bool_]:
    """True for techniques that no hard constraint keeps from this person."""
    cautions = cautions_of(person.inputs)
    return np.array([is_allowed(one, person.inputs, cautions) for one in population.library.techniques.values()])


def planner(population: Population) -> Policy:
    """Ours: a draft, then a review each week from what was rated and done."""

    def plan(person: Person, week: int, history: History) -> Shares:
        inputs = history.inputs(person, week)
        if history.plan is None:
            history.plan = draft(inputs, population.library)
        else:
            steps = [step for step in history.plan.steps if step.technique != PERSON]
            often = tuple(step.per_week for step in steps)
            before = PlanBefore(week, tuple(step.technique for step in steps), often)
            history.plan = review(before, inputs, population.library).draft
        return shares_of(history.plan, population)

    return plan


def graph_alone(population: Population) -> Policy:
    """The first draft, kept for all weeks; its steps begin as it says."""

    def plan(person: Person, week: int, history: History) -> Shares:
        if history.plan is None:
            history.plan = draft(history.inputs(person, week), population.library)
        return shares_of(history.plan, population, week + 1)

    return plan


def shares_of(plan: PlanDraft, population: Population, week: int = 1) -> Shares:
    """Goes in proportion to how often the steps begun by this week of the version are due."""
    begun = [step for step in plan.steps if step.technique != PERSON and step.from_week <= week]
    whole = sum(step.per_week for step in begun)
    return {population.place[step.technique]: step.per_week / whole for step in begun}


def random_plan(population: Population) -> Policy:
    """Any techniques that are allowed, the same for all weeks."""

    def plan(person: Person, week: int, history: History) -> Shares:
        order = np.random.default_rng([person.inputs.seed, 7]).permutation(len(population.names))
        return _first_allowed(order.tolist(), FEWEST, person, population)

    return plan


def fixed_plan(order: Sequence[int], count: int, population: Population) -> Policy:
    """One order of techniques for everybody; what a person must not have is left out and the next one comes up."""

    def plan(person: Person, week: int, history: History) -> Shares:
        return _first_allowed(order, count, person, population)

    return plan


def fixed_by_problem(orders: Mapping[str, Sequence[int]], population: Population) -> Policy:
    """One order for everybody with the same first problem."""

    def plan(person: Person, week: int, history: History) -> Shares:
        return _first_allowed(orders[person.wanted[0]], FEWEST, person, population)

    return plan


def hindsight(population: Population) -> Policy:
    """The best techniques of this very person this week, which nobody can know."""

    def plan(person: Person, week: int, history: History) -> Shares:
        return _first_allowed(np.argsort(-person.worth()).tolist(), FEWEST, person, population)

    return plan


def best_order(people: Sequence[Person]) -> list[int]:
    """Techniques by their true mean benefit over these people: knowledge that no planner has."""
    mean = np.mean([person.worth() for person in people], axis=0)
    return [int(place) for place in np.argsort(-mean)]


def best_orders(people: Sequence[Person], population: Population) -> dict[str, list[int]]:
    """The same for each first problem."""
    groups = {name: [one for one in people if one.wanted[0] == name] for name in population.named}
    return {name: best_order(group or people) for name, group in groups.items()}


def _first_allowed(order: Sequence[int], count: int, person: Person, population: Population) -> Shares:
    allowed = allowed_places(person, population)
    chosen = [place for place in order if allowed[place]][:count]
    return {place: 1.0 / len(chosen) for place in chosen}
