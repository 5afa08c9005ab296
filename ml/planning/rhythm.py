"""When the steps of a plan are due: few at first, spread over the week, within the time a person has.

Small beginnings and one change at a time are what guides of behavioural activation and self-help advise (NICE NG222,
WHO Problem Management Plus); spread practice is remembered better than massed practice (Cepeda et al. 2006).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ml.planning.constraints import minutes_week
from ml.planning.inputs import PERSON, PlanInputs, PlanStep
from ml.planning.records import Technique

AT_ONCE = 2
# Under this share of what was due, once so much was due, fewer steps begin at once.
FOLLOWED_LITTLE, FOLLOWED_FROM = 0.4, 6
_BY_MINUTES = ((5, 5), (10, 4), (15, 3))
_SLOWEST = 2
# Added to what is rated best. Smaller changes than this are not made: a plan that moves every week is none.
MORE, LEAST_CHANGE = 2, 2
DAYS = 7


def in_rhythm(
    steps: Sequence[PlanStep],
    inputs: PlanInputs,
    known: Mapping[str, Technique],
    values: Mapping[str, float],
    before: Mapping[str, int],
) -> list[PlanStep]:
    """Steps with the week they begin in, how often, and days; steps for which the week has no time are left out.

    `values`: what is expected of each technique in this plan, as a share of the best; once there are ratings, what does
    more good is due more often. `before`: how often each was due so far; that changes by two or more, or not at all.
    """
    timed = _within_week([_often(step, inputs, known, values, before) for step in steps], inputs)
    load = [0] * DAYS
    at_once = _at_once(timed, inputs)
    found: list[PlanStep] = []
    for step in timed:
        days = _days(step, load)
        for day in days:
            load[day] += step.minutes
        # Talking to a person begins at once; of the exercises some do, then one more each week.
        earlier = sum(one.technique != PERSON for one in found)
        week = 1 if step.technique == PERSON else max(1, earlier - at_once + 2)
        found.append(replace(step, days=days, from_week=week))
    return found


def _often(
    step: PlanStep,
    inputs: PlanInputs,
    known: Mapping[str, Technique],
    values: Mapping[str, float],
    before: Mapping[str, int],
) -> PlanStep:
    technique = known.get(step.technique)
    if technique is None:
        return replace(step, per_week=1)
    often = next((count for minutes, count in _BY_MINUTES if technique.minutes <= minutes), _SLOWEST)
    if inputs.ratings and step.technique in values:
        often = round((often + MORE) * values[step.technique] ** 2)
    often = max(1, min(DAYS, often - (inputs.energy == "low")))
    last = max(1, min(DAYS, before.get(step.technique, often)))
    often = last if abs(often - last) < LEAST_CHANGE else often
    when = next((time for time in ("morning", "evening", "any") if time in technique.when), "in_distress")
    return replace(step, per_week=often, when=when)


def _within_week(steps: list[PlanStep], inputs: PlanInputs) -> list[PlanStep]:
    """Lower how often, what takes most of the week first; then leave steps out, until the week's minutes suffice."""
    most = minutes_week(inputs)
    while _minutes(steps) > most:
        place = max(range(len(steps)), key=lambda number: (_often_minutes(steps[number]), number))
        if steps[place].per_week > 1:
            steps[place] = replace(steps[place], per_week=steps[place].per_week - 1)
        else:
            del steps[place]
    return steps


def _often_minutes(step: PlanStep) -> tuple[bool, int]:
    """Steps that can be done less often come first, then the one with most minutes a week."""
    takes = _minutes([step])
    return takes > 0 and step.per_week > 1, takes


def _minutes(steps: Sequence[PlanStep]) -> int:
    """Minutes a week; talking to a person is not counted, nobody should be kept from it by a lack of time."""
    return sum(step.minutes * step.per_week for step in steps if step.technique != PERSON)


def _at_once(steps: Sequence[PlanStep], inputs: PlanInputs) -> int:
    """How many exercises begin in the first week: more from week to week, but few where little was followed."""
    offered = sum(one.offered for one in inputs.followed)
    if offered >= FOLLOWED_FROM and sum(one.done for one in inputs.followed) < FOLLOWED_LITTLE * offered:
        return AT_ONCE
    kept = sum(step.mark == "kept" for step in steps)
    return max(AT_ONCE + max(1, inputs.week) - 1, kept + 1)


def _days(step: PlanStep, load: Sequence[int]) -> tuple[int, ...]:
    """Evenly spread, beginning on the day that keeps the fullest day lightest."""
    if step.when == "in_distress":
        return ()
    gaps = [round(number * DAYS / step.per_week) for number in range(step.per_week)]
    spread = [sorted((first + gap) % DAYS for gap in gaps) for first in range(DAYS)]
    return tuple(min(spread, key=lambda days: (max(load[day] for day in days), sum(load[day] for day in days), days)))
