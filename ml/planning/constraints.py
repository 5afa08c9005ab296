"""Hard constraints: what is never drafted for a person, whatever its expected benefit. Each refusal has a name.

Three belts for health: the `not_for` tags of a technique, the review state, and kinds of techniques that a caution
forbids even where a tag was forgotten. Then what the person decided: declined techniques, energy and minutes.
"""

from __future__ import annotations

from collections.abc import Mapping

from ml.planning.inputs import DeclineReason, DeclineSeen, Energy, PlanInputs
from ml.planning.records import ReviewState, Technique

USABLE: frozenset[ReviewState] = frozenset({"approved", "unreviewed"})
REVIEWED: frozenset[ReviewState] = frozenset({"approved"})
# Tags of a technique's kind that a caution forbids: facing what is feared, strain, cold, breath.
FORBIDDEN_KINDS: Mapping[str, frozenset[str]] = {
    "active_trauma_processing": frozenset({"approach", "ladder", "memory", "exposure", "imagery"}),
    "psychosis_symptoms": frozenset({"approach", "exposure", "cbt", "thoughts"}),
    "heart_or_breathing_condition": frozenset({"walk", "strenuous", "cooling", "breathing"}),
    "pregnancy_late": frozenset({"strenuous", "cooling", "muscles"}),
    "seizure_history": frozenset({"cooling", "flashing"}),
    "eating_disorder_active": frozenset({"walk", "strenuous", "cooling", "body", "eating"}),
    "recent_bereavement_first_weeks": frozenset({"memory", "dual_process"}),
}
FOR_GOOD: frozenset[DeclineReason] = frozenset({"not_for_me", "made_it_worse"})
DECLINED_DAYS: Mapping[DeclineReason, int] = {
    "did_not_help": 56,
    "too_hard": 56,
    "too_long": 56,
    "not_now": 14,
    "other": 14,
}
EFFORT_MOST: Mapping[Energy, int] = {"low": 1, "some": 2, "good": 3}
# The shortest steps that suit everybody take up to five minutes: a tighter cap would leave a person with nothing.
SHORTEST_CAP, SHORTEST_WEEK = 5, 15


def refusal(technique: Technique, inputs: PlanInputs, cautions: frozenset[str]) -> str | None:
    """Why this technique is never drafted now, as a use-code (see `because`); None where it may be."""
    if technique.review.state not in (REVIEWED if inputs.reviewed_only else USABLE):
        return "review"
    if technique.not_for & cautions or any(
        FORBIDDEN_KINDS[caution].intersection(technique.tags) for caution in cautions if caution in FORBIDDEN_KINDS
    ):
        return "cautions"
    declined = decline_of(technique.id, inputs.declines)
    if declined:
        return f"declined:{declined.reason}"
    if inputs.energy and technique.effort > EFFORT_MOST[inputs.energy]:
        return "energy"
    return "time" if technique.minutes > minutes_most(inputs) else None


def is_allowed(technique: Technique, inputs: PlanInputs, cautions: frozenset[str]) -> bool:
    """Whether no hard constraint speaks against this technique."""
    return refusal(technique, inputs, cautions) is None


def decline_of(technique: str, declines: tuple[DeclineSeen, ...]) -> DeclineSeen | None:
    """The decline that still holds for this technique; one for good before one for a time."""
    holding = [
        one
        for one in declines
        if one.technique == technique
        and (one.reason in FOR_GOOD or one.days_ago < DECLINED_DAYS.get(one.reason, DECLINED_DAYS["other"]))
    ]
    return min(holding, key=lambda one: (one.reason not in FOR_GOOD, one.days_ago), default=None)


def minutes_most(inputs: PlanInputs) -> float:
    """Minutes one step may take at most."""
    most = [float("inf")]
    if inputs.minutes_most is not None:
        most.append(max(SHORTEST_CAP, inputs.minutes_most))
    if inputs.minutes_week is not None:
        most.append(minutes_week(inputs))
    return min(most)


def minutes_week(inputs: PlanInputs) -> float:
    """Minutes all steps of a week may take at most."""
    return float("inf") if inputs.minutes_week is None else max(SHORTEST_WEEK, inputs.minutes_week)
