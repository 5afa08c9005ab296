"""What a plan is drafted from and what comes out; frozen values, no behaviour beyond plain questions.

Everything in `PlanInputs` but the language may be missing: a first plan knows hardly anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from ml.types import Language, RiskLevel

PERSON = "talk-to-a-person"

Energy = Literal["low", "some", "good"]
DeclineReason = Literal["not_for_me", "made_it_worse", "did_not_help", "too_hard", "too_long", "not_now", "other"]
Mark = Literal["new", "kept", "trial"]


@dataclass(frozen=True, slots=True)
class FeelingSeen:
    """A feeling read from messages of the last days: its label, the share of readings in [0, 1], and their number.

    `share_before` is its share in the time before that, where it is known.
    """

    label: str
    share: float
    count: int
    share_before: float | None = None


@dataclass(frozen=True, slots=True)
class ScoreSeen:
    """The newest total of a questionnaire: phq9, gad7, pss10 (more is heavier) or who5 (0 to 100, more is lighter).

    `change`: against the score that counted when the plan before was drafted; None for a first score.
    """

    instrument: str
    total: int
    band: str = ""
    change: int | None = None
    days_ago: int = 0


@dataclass(frozen=True, slots=True)
class RatingSeen:
    """How a person felt before and after one go, 0 very bad to 10 very good, the same question for every technique."""

    technique: str
    before: float
    after: float
    days_ago: int = 0

    @property
    def gain(self) -> float:
        """How much better it felt afterwards, -10 to 10."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class OthersSeen:
    """What a technique gave to others here: their mean gain and how many people rated it (never fewer than 20)."""

    technique: str
    gain: float
    people: int


@dataclass(frozen=True, slots=True)
class FollowedSeen:
    """How often a technique was due in all plans so far, and how often it was done."""

    technique: str
    offered: int
    done: int


@dataclass(frozen=True, slots=True)
class DeclineSeen:
    """A technique the person took out of their plan, and why."""

    technique: str
    reason: DeclineReason
    days_ago: int = 0


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """All that a draft may use. `topics`: (name of a reply-bank topic, how often it came up).

    `cautions` are `not_for` tags known from elsewhere; hints in `goals` and `reason` are found by the draft itself.
    `risk` is the person's present level. `minutes` is what one step may take on an ordinary day (longer ones rank
    lower); `minutes_most` and `minutes_week` are caps that hold: for one step, for all steps of a week. `week` counts
    from the first plan; `seed` makes trials repeatable (`seed_of`).
    """

    language: Language
    goals: tuple[str, ...] = ()
    reason: str = ""
    feelings: tuple[FeelingSeen, ...] = ()
    topics: tuple[tuple[str, int], ...] = ()
    risk: RiskLevel = RiskLevel.NONE
    risk_kinds: tuple[str, ...] = ()
    cautions: frozenset[str] = frozenset()
    minutes: int = 20
    done: frozenset[str] = frozenset()
    scores: tuple[ScoreSeen, ...] = ()
    ratings: tuple[RatingSeen, ...] = ()
    others: tuple[OthersSeen, ...] = ()
    followed: tuple[FollowedSeen, ...] = ()
    declines: tuple[DeclineSeen, ...] = ()
    energy: Energy | None = None
    minutes_most: int | None = None
    minutes_week: int | None = None
    reviewed_only: bool = False
    week: int = 1
    seed: int = 0
    weights: tuple[tuple[str, float], ...] = ()  # problems that count more or less in this domain


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step. `technique` is an id of the library or PERSON; `uses` names the inputs that spoke for it.

    `from_week`: the week of this version it begins in; `days`: of its week, 0 to 6, none where it waits for a hard
    moment (`when` is in_distress). `mark`: a trial is something little is known about for this person.
    """

    technique: str
    title: str
    details: str
    because: str
    minutes: int
    uses: tuple[str, ...] = ()
    from_week: int = 1
    per_week: int = 3
    days: tuple[int, ...] = ()
    when: str = "any"
    mark: Mark = "new"


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """Steps in the order to try them. `is_bridge`: no self-guided plan, only what helps until a person is there."""

    language: Language
    goals: tuple[str, ...]
    steps: tuple[PlanStep, ...]
    cautions: frozenset[str]
    is_bridge: bool
    library_version: str


@dataclass(frozen=True, slots=True)
class PlanBefore:
    """The version before: techniques of the steps that were not removed and, where known, how often each was due."""

    version: int
    techniques: tuple[str, ...]
    per_week: tuple[int, ...] = ()

    @property
    def often(self) -> dict[str, int]:
        """How often a week each technique was due, as far as it is known."""
        return dict(zip(self.techniques, self.per_week, strict=False))


NO_PLAN = PlanBefore(0, ())


def seed_of(person: str, version: int) -> int:
    """The seed of one version of one person's plan: the same draft again, another one for the next version."""
    return int.from_bytes(hashlib.sha256(f"{person}:{version}".encode()).digest()[:8], "big")
