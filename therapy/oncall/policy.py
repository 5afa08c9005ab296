"""Which steps an alert takes when nobody takes it: the deployer's rows, else these defaults.

The defaults are a proposal of ours, inferred from what paging tools do; no clinical body has set them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from therapy.oncall.models import Policy, Target
from therapy.safety.models import Level


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to reach, so long after the chain began."""

    delay: timedelta
    target: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The chain of one level. `waits_for_duty`: nobody is disturbed off duty, the chain waits for the next shift."""

    steps: tuple[Step, ...]
    reescalate_after: timedelta | None
    waits_for_duty: bool = False


def _plan(*delays: int, reescalate: int, waits: bool = False) -> Plan:
    targets = (Target.FIRST, Target.SECOND, Target.SUPERVISOR, Target.EVERYONE)
    steps = tuple(Step(timedelta(seconds=delay), target) for delay, target in zip(delays, targets, strict=False))
    return Plan(steps, timedelta(seconds=reescalate), waits)


DEFAULTS = {
    Level.IMMINENT: _plan(0, 60, 120, 300, reescalate=900),
    Level.HIGH: _plan(0, 300, 600, 1200, reescalate=900),
    # Requests of people are of this level: answered in the next shift, not by waking somebody.
    Level.MODERATE: _plan(0, 900, 1800, reescalate=3600, waits=True),
}


def plan_for(level: int) -> Plan:
    """The chain of a level; anything below moderate goes as moderate."""
    row = Policy.objects.filter(level=level).prefetch_related("steps").first()
    steps = tuple(Step(timedelta(seconds=step.delay), step.target) for step in row.steps.all()) if row else ()
    if row is None or not steps:
        return DEFAULTS[Level(max(level, Level.MODERATE))]
    wait = timedelta(seconds=row.reescalate_after) if row.reescalate_after else None
    return Plan(steps, wait, row.waits_for_duty)
