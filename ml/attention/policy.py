"""When a practice goes on to its next phase, and with which prompt: small pure rules over the state.

The rules are one table and one function, so that the browser can follow the same ones without a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Action = Literal["stay", "next", "end"]


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """One phase: the axis it works on; seconds it lasts at least, usually and at most; `within` of the ideal is enough;
    `pace` in breaths per minute."""

    name: str
    axis: str
    min: float
    usual: float
    max: float
    within: float
    pace: float


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """All that the rules know. Beyond `unsure` (a standard deviation) a value is not acted on."""

    version: str
    every_seconds: float
    unsure: float
    fall: float
    worn: float
    phases: tuple[PhaseRule, ...]

    def as_json(self) -> dict[str, Any]:
        """For the browser."""
        return asdict(self)

    def phase(self, name: str) -> PhaseRule:
        """The rule of a phase.

        Raises:
            KeyError: there is no such phase.
        """
        for one in self.phases:
            if one.name == name:
                return one
        raise KeyError(name)


TABLE = PolicyTable(
    version="policy-1",
    every_seconds=15.0,
    unsure=0.45,
    fall=0.15,
    worn=-0.5,
    phases=(
        PhaseRule("relax", "e", 45.0, 300.0, 600.0, 0.15, 6.0),
        PhaseRule("mindfulness", "a", 45.0, 300.0, 600.0, 0.15, 7.0),
        PhaseRule("focus", "r", 45.0, 300.0, 600.0, 0.15, 8.0),
    ),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a practice is: its phase, seconds in it, seconds altogether; attention when the phase began."""

    phase: str
    elapsed: float
    total: float
    a_at_start: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The state now with standard deviations; with large ones nothing is known."""

    a: float = 0.0
    e: float = 0.0
    r: float = 0.0
    sd_a: float = 1.0
    sd_e: float = 1.0
    sd_r: float = 1.0

    def value(self, axis: str) -> float:
        """One of a, e, r."""
        return {"a": self.a, "e": self.e, "r": self.r}[axis]

    def doubt(self, axis: str) -> float:
        """Its standard deviation."""
        return {"a": self.sd_a, "e": self.sd_e, "r": self.sd_r}[axis]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now. `why` is a code for the page: minimum, reached, longest, usual, not_yet, worn."""

    action: Action
    phase: str
    prompt: str
    pace: float
    seconds_left: float
    why: str


def decide(
    progress: Progress,
    reading: Reading,
    ideal: Sequence[float] = (0.4, 0.4, 0.3),
    table: PolicyTable = TABLE,
) -> Decision:
    """The next step, to be asked every `table.every_seconds`. `ideal` is (a, e, r)."""
    rule = table.phase(progress.phase)
    goal = dict(zip(("a", "e", "r"), ideal, strict=True))
    is_known = reading.doubt(rule.axis) <= table.unsure
    is_worn = reading.sd_r <= table.unsure and reading.r < table.worn
    longest = rule.usual if is_worn else rule.max
    prompt = _prompt(progress, reading, rule, goal, table, is_worn)
    if progress.elapsed < rule.min:
        return Decision("stay", rule.name, prompt, rule.pace, longest - progress.elapsed, "minimum")
    reached = is_known and reading.value(rule.axis) >= goal[rule.axis] - rule.within
    due = rule.usual if not is_known else longest
    if not reached and progress.elapsed < due:
        return Decision("stay", rule.name, prompt, rule.pace, due - progress.elapsed, "not_yet")
    why = "reached" if reached else "worn" if is_worn else "longest" if is_known else "usual"
    return _go_on(rule, reading, goal, table, why, is_worn)


def _go_on(
    rule: PhaseRule, reading: Reading, goal: dict[str, float], table: PolicyTable, why: str, is_worn: bool
) -> Decision:
    """To the first phase, in order from here, that still has something to do; with nothing known, simply the next."""
    place = table.phases.index(rule)
    rest = [*table.phases[place + 1 :], *table.phases[:place]]
    # With nothing known there is no reason to begin anew after the last phase.
    for other in rest:
        is_known = reading.doubt(other.axis) <= table.unsure
        is_before = table.phases.index(other) < place
        if is_worn and other.name == "focus":
            continue
        if is_known and reading.value(other.axis) < goal[other.axis] - other.within:
            return Decision("next", other.name, "steady", other.pace, other.usual, why)
        if not is_known and not is_before:
            return Decision("next", other.name, "steady", other.pace, other.usual, why)
    return Decision("end", rule.name, "rest", rule.pace, 0.0, why)


def _prompt(
    progress: Progress,
    reading: Reading,
    rule: PhaseRule,
    goal: dict[str, float],
    table: PolicyTable,
    is_worn: bool,
) -> str:
    if is_worn:
        return "rest"
    fell = progress.a_at_start is not None and reading.a < progress.a_at_start - table.fall
    if fell and reading.sd_a <= table.unsure and rule.name != "relax":
        return "come_back"
    far = goal[rule.axis] - reading.value(rule.axis) > 0.35
    return "slower_breath" if far and reading.doubt(rule.axis) <= table.unsure else "steady"
