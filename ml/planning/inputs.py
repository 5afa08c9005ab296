"""What a plan is drafted from and what comes out; frozen values, no behaviour beyond plain questions."""

from __future__ import annotations

from dataclasses import dataclass

from ml.types import Language, RiskLevel

PERSON = "talk-to-a-person"


@dataclass(frozen=True, slots=True)
class FeelingSeen:
    """A feeling read from messages of the last days: its label, the share of readings in [0, 1], and their number."""

    label: str
    share: float
    count: int


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """All that a draft may use. `topics`: (name of a reply-bank topic, how often it came up).

    `cautions` are `not_for` tags known from elsewhere; hints in `goals` and `reason` are found by the draft itself.
    `risk` is the person's present level. `minutes` is what one step may take on an ordinary day.
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


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step. `technique` is an id of the library or PERSON; `uses` names the inputs that spoke for it."""

    technique: str
    title: str
    details: str
    because: str
    minutes: int
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """Steps in the order to try them. `is_bridge`: no self-guided plan, only what helps until a person is there."""

    language: Language
    goals: tuple[str, ...]
    steps: tuple[PlanStep, ...]
    cautions: frozenset[str]
    is_bridge: bool
    library_version: str
