"""From inputs to weighted problems: each with the sources that named it, so that a reason can be honest about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ml.planning.inputs import FeelingSeen, PlanInputs
from ml.planning.scores import votes as score_votes
from ml.planning.words import Feeling, feelings, problems, problems_in

Source = Literal["goal", "reason", "score", "topic", "feeling", "none"]
_WEIGHTS: dict[Source, float] = {
    "goal": 1.0,
    "reason": 0.9,
    "score": 0.8,
    "topic": 0.7,
    "feeling": 0.6,
    "none": 0.4,
}
# A feeling is spoken of only when it came up more than by chance.
SHARE_SOMETIMES, SHARE_OFTEN, COUNT_OFTEN = 0.15, 0.3, 3


@dataclass(frozen=True, slots=True)
class Need:
    """A problem with its weight in (0, 1] and where it was named, strongest source first."""

    problem: str
    weight: float
    sources: tuple[Source, ...]


def needs_of(inputs: PlanInputs) -> tuple[Need, ...]:
    """Problems of the person, heaviest first. Nothing known at all gives a gentle default."""
    votes: dict[str, dict[Source, float]] = {}
    factors = dict(inputs.weights)

    def vote(problem: str, source: Source, strength: float) -> None:
        found = votes.setdefault(problem, {})
        worth = strength * _WEIGHTS[source] * factors.get(problem, 1.0)
        found[source] = max(found.get(source, 0.0), worth)

    for problem in (name for goal in inputs.goals for name in problems_in(goal)):
        vote(problem, "goal", 1.0)
    for problem in problems_in(inputs.reason):
        vote(problem, "reason", 1.0)
    for problem, strength in score_votes(inputs.scores):
        vote(problem, "score", strength)
    for problem, strength in _from_topics(inputs.topics):
        vote(problem, "topic", strength)
    for seen, feeling in felt(inputs):
        for problem, strength in feeling.problems.items():
            vote(problem, "feeling", strength + seen.share / 2 + _more_than_before(seen))
    if not votes:
        vote("stress_overload", "none", 1.0)
        vote("low_mood", "none", 0.7)
    return tuple(sorted((_need(*item) for item in votes.items()), key=lambda need: (-need.weight, need.problem)))


def felt(inputs: PlanInputs) -> list[tuple[FeelingSeen, Feeling]]:
    """Hard feelings that came up often enough to count, most frequent first."""
    known = feelings()
    rows = [(seen, known[seen.label]) for seen in inputs.feelings if seen.label in known and seen.count > 0]
    return sorted(
        ((seen, feeling) for seen, feeling in rows if seen.share >= SHARE_SOMETIMES),
        key=lambda row: (-row[0].share, row[0].label),
    )


def _more_than_before(seen: FeelingSeen) -> float:
    """A feeling that grows weighs more; one that fades is only not raised."""
    return 0.0 if seen.share_before is None else max(0.0, seen.share - seen.share_before) / 2


def _from_topics(topics: Iterable[tuple[str, int]]) -> list[tuple[str, float]]:
    """A topic met once counts half of one that keeps coming back."""
    return [
        (key, problem.topics[topic] * (0.5 + min(count, 3) / 6))
        for topic, count in topics
        if count > 0
        for key, problem in problems().items()
        if topic in problem.topics
    ]


def _need(problem: str, votes: dict[Source, float]) -> Need:
    """Sources agree like independent hints: 1 - product of (1 - weight), so more of them never weaken a need."""
    missing = 1.0
    for weight in votes.values():
        missing *= 1.0 - min(weight, 1.0) * 0.9
    sources = sorted(votes, key=lambda source: (-votes[source], source))
    return Need(problem, 1.0 - missing, tuple(sources))
