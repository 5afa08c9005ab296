"""Which techniques, in which order: hard constraints first, then expected benefit, variety and a bounded trial.

Value of a technique = chance that the person does it x benefit they can expect of it (`benefit`). Deterministic for a
seed. What is chosen lowers what is like it: another family and another need come first.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ml.planning.benefit import Belief, believe, chances_of_doing
from ml.planning.constraints import is_allowed
from ml.planning.graph import Graph, graph_of
from ml.planning.inputs import PlanInputs
from ml.planning.needs import Need, felt
from ml.planning.records import Edge, Library, Technique

EFFORT_FIT = {1: 1.0, 2: 0.85, 3: 0.65}
EFFORT_FIT_LOW_ENERGY = {1: 1.0, 2: 0.6, 3: 0.3}
LOW_ENERGY = frozenset({"low_mood", "anhedonia", "low_motivation", "burnout"})
SAME_FAMILY, SAME_PROBLEM, FEELING_FITS = 0.6, 0.85, 0.3
DONE, TOO_LONG, TOO_HARD = 0.4, 0.4, 0.6
# A step that is already in the plan stays unless another is clearly better: a plan that changes daily is none.
STAYS = 1.1
# A trial is drawn at most this far from what is expected, and never where harm is likely.
TRIAL_BOUND, LIKELY_HARM, TRIAL_SHARE = 1.5, 0.3, 0.6
RATED_WELL = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A technique with its value, the needs it serves (strongest path first) and the edge that says why.

    `drawn` is its value in the seed's draw; `is_trial`: chosen for that draw, to learn, rather than for its value.
    """

    technique: Technique
    score: float
    needs: tuple[Need, ...]
    edge: Edge
    drawn: float = 0.0
    is_trial: bool = False

    @property
    def need(self) -> Need | None:
        """The need it serves best; None where only the person's own ratings speak for it."""
        return self.needs[0] if self.needs else None


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Allowed techniques that answer a need or were rated well, best first, and what is expected of all of them."""

    candidates: tuple[Candidate, ...]
    belief: Belief


def rank(inputs: PlanInputs, needs: Sequence[Need], cautions: frozenset[str], library: Library) -> Ranking:
    """Techniques by their value for this person. `cautions` are all that hold."""
    graph = graph_of(library)
    served = {name: _served(name, needs, graph) for name in library.techniques}
    feelings = [(seen.share, feeling.techniques) for seen, feeling in felt(inputs)]
    worth = {name: _worth(library.techniques[name], row, feelings) for name, row in served.items() if row}
    belief = believe(graph, worth, inputs.ratings, inputs.others)
    drawn = belief.sample(inputs.seed, TRIAL_BOUND)
    rated = {rating.technique for rating in inputs.ratings}
    has_low_energy = any(need.problem in LOW_ENERGY and need.weight >= 0.5 for need in needs)
    limits = _limits(inputs, library)
    fits = {name: _fit(one, inputs, has_low_energy, limits) for name, one in library.techniques.items()}
    chances = chances_of_doing(fits, inputs.followed)
    found = []
    for name, technique in library.techniques.items():
        mean = float(belief.mean[graph.place[name]])
        is_known_good = name in rated and mean >= RATED_WELL
        if (served[name] or is_known_good) and is_allowed(technique, inputs, cautions):
            # What was done and never rated makes room for something new.
            doing = chances[name] * (DONE if name in inputs.done and name not in rated else 1.0)
            is_safe_trial = belief.chance_above(name, 0.0) >= 1.0 - LIKELY_HARM
            found.append(
                Candidate(
                    technique,
                    doing * mean,
                    tuple(dict.fromkeys(need for _, need, _ in served[name])),
                    served[name][0][2] if served[name] else graph.paths[name][0].edge,
                    doing * float(drawn[graph.place[name]]) if is_safe_trial else -math.inf,
                )
            )
    return Ranking(tuple(sorted(found, key=lambda one: (-one.score, one.technique.id))), belief)


def _served(name: str, needs: Sequence[Need], graph: Graph) -> list[tuple[float, Need, Edge]]:
    """Paths need, mechanism, technique with their worth (product of weights), strongest first."""
    of_problem = {need.problem: need for need in needs}
    paths = [path for path in graph.paths[name] if path.problem in of_problem]
    rows = [(of_problem[path.problem].weight * path.weight, of_problem[path.problem], path.edge) for path in paths]
    return sorted(rows, key=lambda row: (-row[0], row[1].problem, row[2].source))


def _worth(
    technique: Technique,
    served: Sequence[tuple[float, Need, Edge]],
    feelings: Sequence[tuple[float, frozenset[str]]],
) -> float:
    """Paths agree like independent hints; a technique that speaks to what the person feels is worth more."""
    worth = 1.0 - math.prod(1.0 - one for one, _, _ in served)
    speaks_to = sum(share for share, emotions in feelings if emotions.intersection(technique.emotions))
    return min(1.0, worth * (1.0 + FEELING_FITS * min(1.0, speaks_to)))


def _fit(technique: Technique, inputs: PlanInputs, has_low_energy: bool, limits: tuple[float, float]) -> float:
    """What effort and length let us expect; what was declined as too hard or too long speaks against its like."""
    fit = (EFFORT_FIT_LOW_ENERGY if has_low_energy else EFFORT_FIT)[technique.effort]
    if technique.effort >= limits[0]:
        fit *= TOO_HARD
    return fit * (TOO_LONG if technique.minutes > inputs.minutes or technique.minutes >= limits[1] else 1.0)


def _limits(inputs: PlanInputs, library: Library) -> tuple[float, float]:
    """Effort and minutes from which on a declined step was too hard or too long."""
    declined = [
        (one.reason, library.techniques[one.technique])
        for one in inputs.declines
        if one.technique in library.techniques
    ]
    hard = min((one.effort for reason, one in declined if reason == "too_hard" and one.effort > 1), default=math.inf)
    return hard, min((one.minutes for reason, one in declined if reason == "too_long"), default=math.inf)


def choose(
    ranked: Sequence[Candidate],
    count: int,
    *,
    staying: Collection[str] = (),
    trials: int = 0,
    answer: Collection[str] = (),
) -> list[Candidate]:
    """The best `count`, of which the last `trials` are chosen by the draw; `staying` are steps of the plan before.

    One place is kept for something new for the problems in `answer`, those that got worse under the plan before.
    """
    left = [one for one in ranked if one.score > 0]
    fresh = (one for one in left if one.technique.id not in staying and any(n.problem in answer for n in one.needs))
    chosen = [one for one in [next(fresh, None)] if one]
    left = [one for one in left if one not in chosen]
    while left and len(chosen) < count:
        # A trial is drawn only from what is not likely to do harm; where nothing is left of that, value decides.
        pool = [one for one in left if one.drawn > 0] if len(chosen) >= count - trials else []
        best = min(pool or left, key=lambda one: (-_value(one, chosen, staying, bool(pool)), one.technique.id))
        left.remove(best)
        chosen.append(replace(best, is_trial=bool(pool) and best.technique.id not in staying))
    # What stays, then what is easy and short stands first; the sort is stable, so within a class the better one leads.
    return sorted(chosen, key=lambda one: (one.technique.id not in staying, *_ease(one.technique)))


def _ease(technique: Technique) -> tuple[int, bool]:
    return technique.effort, technique.minutes > 10


def _value(one: Candidate, chosen: Sequence[Candidate], staying: Collection[str], is_trial: bool) -> float:
    stays = STAYS if one.technique.id in staying else 1.0
    return (one.drawn if is_trial else one.score) * stays * _freshness(one, chosen)


def _freshness(candidate: Candidate, chosen: Sequence[Candidate]) -> float:
    same_family = sum(one.technique.family == candidate.technique.family for one in chosen)
    same_problem = sum(one.need == candidate.need for one in chosen)
    freshness: float = SAME_FAMILY**same_family * SAME_PROBLEM**same_problem
    return freshness


def shares_of_best(chosen: Sequence[Candidate]) -> dict[str, float]:
    """What is expected of each chosen technique, as a share in [0, 1] of the best; a trial counts for a little less."""
    best = max((one.score for one in chosen), default=0.0)
    return {
        one.technique.id: TRIAL_SHARE if one.is_trial else max(0.0, one.score) / best if best > 0 else 1.0
        for one in chosen
    }
