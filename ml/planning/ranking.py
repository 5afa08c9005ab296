"""Which techniques, in which order: hard constraints first, then paths of the graph, fit and variety. Deterministic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ml.planning.inputs import PlanInputs
from ml.planning.needs import Need, felt
from ml.planning.records import Edge, Library, ReviewState, Technique

USABLE: frozenset[ReviewState] = frozenset({"approved", "unreviewed"})
EFFORT_FIT = {1: 1.0, 2: 0.85, 3: 0.65}
EFFORT_FIT_LOW_ENERGY = {1: 1.0, 2: 0.6, 3: 0.3}
LOW_ENERGY = frozenset({"low_mood", "anhedonia", "low_motivation", "burnout"})
SAME_FAMILY, SAME_PROBLEM, DONE, TOO_LONG, FEELING_FITS = 0.35, 0.75, 0.4, 0.4, 0.3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A technique with its score, the needs it serves (strongest path first) and the edge that says why."""

    technique: Technique
    score: float
    needs: tuple[Need, ...]
    edge: Edge

    @property
    def need(self) -> Need:
        """The need it serves best."""
        return self.needs[0]


def is_allowed(technique: Technique, cautions: frozenset[str]) -> bool:
    """The hard constraint: no caution of the person is among the technique's tags, and its review state permits use."""
    return not technique.not_for & cautions and technique.review.state in USABLE


def candidates(
    inputs: PlanInputs, needs: Sequence[Need], cautions: frozenset[str], library: Library
) -> list[Candidate]:
    """Allowed techniques that answer a need, best first. `cautions` are all that hold for the person."""
    found = []
    for technique in library.techniques.values():
        paths = _paths(technique, needs, library) if is_allowed(technique, cautions) else []
        if paths:
            served = tuple(dict.fromkeys(need for _, need, _ in paths))
            worth = 1.0 - math.prod(1.0 - worth for worth, _, _ in paths)
            found.append(Candidate(technique, worth * _fit(technique, inputs, needs), served, paths[0][2]))
    return sorted(found, key=lambda one: (-one.score, one.technique.id))


def _paths(technique: Technique, needs: Sequence[Need], library: Library) -> list[tuple[float, Need, Edge]]:
    """Paths need, mechanism, technique with their worth (product of weights), strongest first."""
    to_technique = [edge for edge in library.technique_edges if edge.target == technique.id]
    paths = []
    for need in needs:
        if need.problem in technique.problems:
            weights = {edge.target: edge.weight for edge in library.problem_edges if edge.source == need.problem}
            paths += [(need.weight * weights.get(edge.source, 0.0) * edge.weight, need, edge) for edge in to_technique]
    return sorted((path for path in paths if path[0] > 0), key=lambda path: (-path[0], path[1].problem, path[2].source))


def _fit(technique: Technique, inputs: PlanInputs, needs: Sequence[Need]) -> float:
    has_low_energy = any(need.problem in LOW_ENERGY and need.weight >= 0.5 for need in needs)
    fit = (EFFORT_FIT_LOW_ENERGY if has_low_energy else EFFORT_FIT)[technique.effort]
    if technique.minutes > inputs.minutes:
        fit *= TOO_LONG
    if technique.id in inputs.done:
        fit *= DONE
    speaks_to = (seen.share for seen, feeling in felt(inputs) if feeling.techniques & set(technique.emotions))
    return fit * (1.0 + FEELING_FITS * min(1.0, sum(speaks_to)))


def choose(ranked: Sequence[Candidate], count: int) -> list[Candidate]:
    """The best `count`, each lowered by what is already chosen: another family and another need come first."""
    chosen: list[Candidate] = []
    left = list(ranked)
    while left and len(chosen) < count:
        best = min(left, key=lambda one: (-one.score * _freshness(one, chosen), one.technique.id))
        chosen.append(best)
        left.remove(best)
    # What is easy and short stands first; the sort is stable, so within a class the better one leads.
    return sorted(chosen, key=lambda one: (one.technique.effort, one.technique.minutes > 10))


def _freshness(candidate: Candidate, chosen: Sequence[Candidate]) -> float:
    same_family = sum(one.technique.family == candidate.technique.family for one in chosen)
    same_problem = sum(one.need.problem == candidate.need.problem for one in chosen)
    freshness: float = SAME_FAMILY**same_family * SAME_PROBLEM**same_problem
    return freshness
