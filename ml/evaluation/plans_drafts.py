"""Random drafts and reviews, each checked against the hard constraints by rules of its own.

The checker knows nothing of `ml.planning.constraints`: it reads the library and the inputs afresh, so that a mistake
there is found here.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import get_args

import numpy as np

from ml.planning.drafting import cautions_of, draft
from ml.planning.inputs import (
    PERSON,
    DeclineReason,
    DeclineSeen,
    Energy,
    FeelingSeen,
    FollowedSeen,
    PlanDraft,
    PlanInputs,
    RatingSeen,
    ScoreSeen,
)
from ml.planning.records import Library
from ml.planning.reviewing import PlanBefore, review
from ml.planning.words import feelings, problems
from ml.types import Language, RiskLevel

HIGH_RISK = "high_suicide_risk"
TELL_EVERY = 10_000
# What faces, strains, chills or moves: by hand, from the texts of the techniques, not from their tags.
NEVER = {
    "active_trauma_processing": {"cog-prediction-test", "soc-small-ladder", "grief-remember", "act-make-room"},
    "heart_or_breathing_condition": {"body-gentle-walk", "body-slow-breath", "dbt-cool-down"},
    "pregnancy_late": {"body-muscle-release", "dbt-cool-down"},
    "seizure_history": {"dbt-cool-down", "sleep-steady-rise"},
    "eating_disorder_active": {"body-gentle-walk", "cog-good-enough"},
    "psychosis_symptoms": {"act-defusion", "cog-evidence-check", "mind-three-minute"},
}
OUT_DAYS = {"did_not_help": 56, "too_hard": 56, "too_long": 56, "not_now": 14, "other": 14}
EFFORT = {"low": 1, "some": 2, "good": 3, None: 3}
REASONS: tuple[DeclineReason, ...] = get_args(DeclineReason)
ENERGIES: tuple[Energy | None, ...] = (None, *get_args(Energy))


class Inputs:
    """Makes random inputs: anything may be missing, anything may come together."""

    def __init__(self, library: Library, seed: int) -> None:
        self.draw = np.random.default_rng([seed, 11])
        self.techniques, self.cautions = sorted(library.techniques), sorted(library.constraints)
        self.feelings = sorted(feelings())
        self.names = [one.name for one in problems().values()]
        self.topics = sorted({topic for one in problems().values() for topic in one.topics})

    def one(self) -> PlanInputs:
        """The next inputs."""
        draw, known = self.draw, self.techniques
        language: Language = "zh" if draw.random() < 0.5 else "en"
        minutes = int(draw.integers(1, 61))
        return PlanInputs(
            language=language,
            goals=tuple(self.names[place].of(language) for place in self.some(self.names, 3)),
            feelings=tuple(
                FeelingSeen(self.feelings[place], float(draw.random()), self._whole(9))
                for place in self.some(self.feelings, 2)
            ),
            topics=tuple((self.topics[place], self._whole(5)) for place in self.some(self.topics, 2)),
            risk=RiskLevel(int(draw.choice([0, 0, 0, 0, 1, 2, 3, 4]))),
            cautions=frozenset(self.cautions[place] for place in self.some(self.cautions, 3)),
            done=frozenset(known[place] for place in self.some(known, 3)),
            scores=tuple(
                ScoreSeen(name, self._whole(26), change=self._whole(19) - 9)
                for name in ("phq9", "gad7", "who5", "pss10")
                if draw.random() < 0.3
            ),
            ratings=tuple(
                RatingSeen(known[place], self._whole(11), self._whole(11), number)
                for number, place in enumerate(self.some(known, 8))
            ),
            followed=tuple(FollowedSeen(known[place], 6, self._whole(7)) for place in self.some(known, 6)),
            declines=tuple(
                DeclineSeen(known[place], REASONS[self._whole(len(REASONS))], self._whole(90))
                for place in self.some(known, 12)
            ),
            energy=ENERGIES[self._whole(len(ENERGIES))],
            minutes_most=minutes if draw.random() < 0.4 else None,
            minutes_week=4 * minutes if draw.random() < 0.3 else None,
            reviewed_only=bool(draw.random() < 0.1),
            week=1 + self._whole(7),
            seed=self._whole(2**32),
        )

    def some(self, of: Sequence[object], most: int) -> list[int]:
        """Up to `most` places of a list, perhaps none, perhaps one twice."""
        return [int(place) for place in self.draw.integers(0, len(of), self._whole(most + 1))]

    def _whole(self, below: int) -> int:
        return int(self.draw.integers(below))


def check_drafts(count: int, library: Library, seed: int = 0) -> dict[str, object]:
    """Draft `count` plans, every other one as the review of a version before, and count what violates a constraint."""
    made = Inputs(library, seed)
    found: Counter[str] = Counter()
    seconds = np.zeros(count)
    for number in range(count):
        inputs = made.one()
        before = PlanBefore(1, tuple(made.techniques[place] for place in made.some(made.techniques, 6)))
        started = time.perf_counter()
        plan = review(before, inputs, library).draft if number % 2 else draft(inputs, library)
        seconds[number] = time.perf_counter() - started
        found.update(violations(plan, inputs, library))
        if (number + 1) % TELL_EVERY == 0:
            print(f"{number + 1} drafts, {sum(found.values())} violations", flush=True)
    p50, p95 = (float(value) * 1000 for value in np.quantile(seconds, [0.5, 0.95]))
    return {
        "drafts": count,
        "violations": sum(found.values()),
        "by_constraint": dict(found),
        "p50_ms": round(p50, 2),
        "p95_ms": round(p95, 2),
    }


def violations(plan: PlanDraft, inputs: PlanInputs, library: Library) -> list[str]:
    """Names of the constraints this plan violates; one entry for each violation."""
    cautions = cautions_of(inputs)
    found = ["cautions lost"] * bool(cautions - plan.cautions)
    is_high = inputs.risk >= RiskLevel.HIGH or HIGH_RISK in inputs.cautions
    if is_high and (not plan.is_bridge or plan.steps[0].technique != PERSON):
        found.append("high risk without a person first")
    if inputs.risk >= RiskLevel.MODERATE and plan.steps[0].technique != PERSON:
        found.append("moderate risk without a person first")
    week = 0
    for step in plan.steps:
        if step.technique != PERSON:
            week += step.minutes * max(step.per_week, len(step.days))
            found += _of_step(step.technique, inputs, cautions | ({HIGH_RISK} if is_high else set()), library)
    if inputs.minutes_week is not None and week > max(15, inputs.minutes_week):
        found.append("minutes of the week")
    if len({step.technique for step in plan.steps}) < len(plan.steps):
        found.append("twice the same step")
    return found


def _of_step(name: str, inputs: PlanInputs, cautions: frozenset[str], library: Library) -> list[str]:
    technique = library.techniques[name]
    states = ("approved",) if inputs.reviewed_only else ("approved", "unreviewed")
    rules = {
        "review state": technique.review.state not in states,
        "not for": bool(technique.not_for & cautions),
        "never with this caution": any(name in NEVER.get(caution, ()) for caution in cautions),
        "effort": technique.effort > EFFORT[inputs.energy],
        "minutes of a step": inputs.minutes_most is not None and technique.minutes > max(5, inputs.minutes_most),
        "declined": any(
            one.technique == name and one.days_ago < OUT_DAYS.get(one.reason, 10**9) for one in inputs.declines
        ),
    }
    return [rule for rule, is_broken in rules.items() if is_broken]
