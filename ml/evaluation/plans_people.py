"""Simulated people for the study of plans: what truly helps each of them, what they do, and what they say of it.

On purpose this is not the planner's own model. What helps follows hidden kinds of people that prefer whole families of
techniques, with gaps, heavy tails, harm, habit and drift; the planner assumes normal effects shared by mechanisms. What
is said is rounded, has a ceiling and a habit of politeness, and is missing more often where a go did not help.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.planning.graph import Array, graph_of
from ml.planning.inputs import PlanInputs, RatingSeen
from ml.planning.records import Library
from ml.planning.words import problems, problems_in

MEAN_GAIN, LEAST, MOST = 0.7, -2.0, 4.0


@dataclass(frozen=True, slots=True)
class World:
    """How people are made; effects in points of the 0 to 10 rating. The sensitivity table changes one at a time.

    uneven: spread of the techniques' mean effects, as a share of the mean. kinds, kind_pull: hidden kinds of people and
    how far they are drawn to or from a family. tail: scale of each person's own effects (Student's t, 3 degrees).
    silent: share of techniques that do nothing for a person. graph_trust: how far the graph is right about fit (0 to
    1). noise: of one rating. rated: share of goes that are rated. keenness: log-odds of doing a step that is due.
    drift: weekly change of each effect. habit: what each go takes off the next. caution: chance of each caution.
    """

    uneven: float = 0.4
    kinds: int = 4
    kind_pull: float = 0.9
    tail: float = 0.5
    silent: float = 0.25
    graph_trust: float = 0.5
    noise: float = 1.5
    rated: float = 0.6
    keenness: float = 0.5
    drift: float = 0.15
    habit: float = 0.03
    caution: float = 0.04


@dataclass(slots=True, eq=False)
class Person:
    """One simulated person. Arrays are by place of the technique; `inputs` is all that a planner may see at first."""

    world: World
    inputs: PlanInputs
    wanted: tuple[str, ...]
    effect: Array
    willing: Array
    polite: float
    spread: float
    goes: Array

    def worth(self) -> Array:
        """True benefit of one go that is due: the chance of doing it, times what it gives today."""
        return np.asarray(self.chance() * self.gives(), dtype=np.float64)

    def chance(self) -> Array:
        """Chance of doing each technique when it is due; what helps is done a little more gladly."""
        return np.asarray(1.0 / (1.0 + np.exp(-(self.willing + 0.3 * self.effect))), dtype=np.float64)

    def gives(self) -> Array:
        """What each technique gives today: habit wears a part of it off."""
        return np.asarray(self.effect * np.maximum(0.5, 1.0 - self.world.habit * self.goes), dtype=np.float64)

    def practise(self, place: int, name: str, day: int, draw: np.random.Generator) -> tuple[float, RatingSeen | None]:
        """One go that is due: its true benefit (0 if it is not done), and what the person said of it, if anything."""
        if draw.random() >= self.chance()[place]:
            return 0.0, None
        benefit = float(self.gives()[place])
        self.goes[place] += 1
        before = round(float(np.clip(draw.normal(4.0, 1.5), 0, 10)))
        after = round(float(np.clip(before + benefit + self.polite + draw.normal(0.0, self.spread), 0, 10)))
        is_told = draw.random() < self.world.rated + 0.1 * np.sign(benefit)
        return benefit, RatingSeen(name, before, after, day) if is_told else None

    def drift(self, draw: np.random.Generator) -> None:
        """A week passes: what helps changes a little; what never did still does not."""
        self.effect = self.effect + draw.normal(0.0, self.world.drift, len(self.effect)) * (self.effect != 0)


class Population:
    """One world drawn from a seed: what techniques give on average, and the kinds of people there are."""

    def __init__(self, world: World, library: Library, seed: int) -> None:
        self.world, self.library, self.seed = world, library, seed
        self.names = tuple(library.techniques)
        self.place = {name: place for place, name in enumerate(self.names)}
        rows = list(library.techniques.values())
        draw = np.random.default_rng([seed, 1])
        self.quality = draw.gamma(1 / world.uneven**2, MEAN_GAIN * world.uneven**2, len(rows))
        families = sorted({one.family for one in rows})
        pulls = draw.choice([-1.0, 0.0, 1.0], (world.kinds, len(families)), p=[0.35, 0.3, 0.35])
        self.shares = draw.dirichlet(np.full(world.kinds, 3.0))
        # Kinds differ from each other, not from the average: the best fixed plan already knows that.
        self.pulls = world.kind_pull * (pulls - self.shares @ pulls)[:, [families.index(one.family) for one in rows]]
        self.hard = np.array([0.6 * (one.effort - 1) + 0.03 * (one.minutes - 10) for one in rows])
        self.named = [
            key for key, one in problems().items() if key in problems_in(one.name.en) and not one.person_first
        ]

    def people(self, count: int, stream: int = 0) -> list[Person]:
        """People of this world, always the same for a stream; another stream gives others."""
        return [self._person(np.random.default_rng([self.seed, 2 + stream, number])) for number in range(count)]

    def _person(self, draw: np.random.Generator) -> Person:
        world, count = self.world, len(self.names)
        wanted = tuple(str(name) for name in draw.choice(self.named, int(draw.integers(1, 4)), replace=False))
        tags = [tag for tag in sorted(self.library.constraints) if tag != "high_suicide_risk"]
        cautions = frozenset(tag for tag in tags if draw.random() < world.caution)
        goals = tuple(problems()[name].name.en for name in wanted)
        matched = self.quality * ((1.0 - world.graph_trust) + world.graph_trust * self._fit(wanted))
        kind = int(draw.choice(len(self.shares), p=self.shares))
        own = world.tail * draw.standard_t(3, count)
        effect = np.clip(matched + self.pulls[kind] + own, LEAST, MOST) * (draw.random(count) >= world.silent)
        return Person(
            world=world,
            inputs=PlanInputs("en", goals, cautions=cautions, seed=int(draw.integers(2**32))),
            wanted=wanted,
            effect=effect,
            willing=world.keenness + draw.normal(0.0, 1.0) - self.hard + draw.normal(0.0, 0.4, count),
            polite=float(draw.normal(0.3, 0.5)),
            spread=world.noise * float(draw.uniform(0.7, 1.3)),
            goes=np.zeros(count),
        )

    def _fit(self, wanted: tuple[str, ...]) -> Array:
        """How well the graph says each technique answers these problems: 1 on average over those that do, else 0."""
        paths = graph_of(self.library).paths
        best = [max((one.weight for one in paths[name] if one.problem in wanted), default=0.0) for name in self.names]
        raw = np.array(best)
        return np.asarray(raw / raw[raw > 0].mean(), dtype=np.float64)
