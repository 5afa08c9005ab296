"""Made-up people in a practice of three phases, by the clock of a fixed script or by the policy. Seconds, a, e, r.

Assumed: relaxing raises e; being mindful raises a, the more the calmer one is; focusing raises r, the more the freer
attention is; each towards a ceiling, at a speed of one's own; what is not worked on sinks back slowly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.attention.policy import TABLE, PolicyTable, Progress, Reading, decide
from ml.state import evidence
from ml.state import filter as state_filter

Array = npt.NDArray[np.float64]

IDEAL = (0.4, 0.4, 0.3)
BAND = 0.15
LONGEST = 60 * 60.0
STEP = 15.0
_ASK_EVERY = 120.0
# How many times faster than in daily life a state moves in a practice.
STIR = 8.0
_CEILING = np.array([0.75, 0.75, 0.65])
_SINK_SECONDS = 45 * 60.0
_PHASE_OF = ("mindfulness", "relax", "focus")


@dataclass(frozen=True, slots=True)
class Person:
    """Where somebody begins and how fast each phase works for them (per minute)."""

    start: Array
    speed: Array


def draw(count: int, seed: int) -> list[Person]:
    """People who begin a practice because they need one."""
    rng = np.random.default_rng(seed)
    starts = np.stack([rng.uniform(-0.5, 0.1, count), rng.uniform(-0.7, 0.1, count), rng.uniform(-0.2, 0.2, count)], 1)
    speeds = np.exp(rng.normal(np.log([0.14, 0.16, 0.12]), 0.45, (count, 3)))
    return [Person(start, speed) for start, speed in zip(starts, speeds, strict=True)]


def move(state: Array, person: Person, phase: str, rng: np.random.Generator) -> Array:
    """The state `STEP` seconds later in a phase."""
    axis = {"mindfulness": 0, "relax": 1, "focus": 2}[phase]
    gate = {"mindfulness": _gate(state[1], -0.05), "relax": 1.0, "focus": _gate(state[0], 0.05)}[phase]
    change = (person.start - state) * (STEP / _SINK_SECONDS)
    change[axis] = person.speed[axis] * (STEP / 60.0) * gate * (_CEILING[axis] - state[axis])
    return np.clip(state + change + rng.normal(0, 0.008, 3), -1, 1)


def _gate(value: float, middle: float) -> float:
    return float(1.0 / (1.0 + np.exp(-(value - middle) / 0.08)))


def is_there(state: Array) -> bool:
    """Whether all three lie in the band below the ideal, or above."""
    return bool((state >= np.array(IDEAL) - BAND).all())


def by_script(person: Person, seed: int, seconds: float = 300.0) -> float:
    """Seconds until the band with phases of fixed length, again and again; `LONGEST` where it is not reached."""
    rng = np.random.default_rng(seed)
    state, names = person.start.copy(), [rule.name for rule in TABLE.phases]
    for step in range(int(LONGEST / STEP)):
        if is_there(state):
            return step * STEP
        state = move(state, person, names[int(step * STEP // seconds) % len(names)], rng)
    return LONGEST


def by_policy(person: Person, seed: int, table: PolicyTable = TABLE) -> float:
    """Seconds until the band with the policy, which sees a noisy heart and a slider every two minutes."""
    rng = np.random.default_rng(seed)
    noise = np.random.default_rng(seed + 1)
    state, phase, elapsed = person.start.copy(), table.phases[0].name, 0.0
    belief = state_filter.stranger(0.0)
    for step in range(int(LONGEST / STEP)):
        now = step * STEP
        if is_there(state):
            return now
        belief = _look(state_filter.practised(belief, phase, STEP if step else 0.0), state, now, noise)
        reading = Reading(*belief.mean, *belief.sd)
        decision = decide(Progress(phase, elapsed, now), reading, IDEAL, table)
        if decision.action == "next":
            phase, elapsed = decision.phase, 0.0
        elif decision.action == "end":
            # The policy believes that all is reached; where it is not, the person goes on with what seems weakest.
            margins = belief.mean - np.array(IDEAL)
            phase, elapsed = _PHASE_OF[int(margins.argmin())], 0.0
        state = move(state, person, phase, rng)
        elapsed += STEP
    return LONGEST


def _look(belief: state_filter.Belief, state: Array, now: float, noise: np.random.Generator) -> state_filter.Belief:
    """Heart every step, widened as neighbouring readings say much the same; a slider every two minutes."""
    loading, variance = evidence.SIGNALS["heart_rate"]
    heart = float(np.asarray(loading) @ state + noise.normal(0, variance**0.5))
    found = [state_filter.Evidence("heart_rate", loading, heart, evidence.SHARED * variance)]
    if now % _ASK_EVERY == 0:
        said = np.clip(state + noise.normal(0, evidence.SAID_VARIANCE**0.5, 3), -1, 1)
        found += evidence.said(dict(zip(state_filter.AXES, said.tolist(), strict=True)))
    return state_filter.update(state_filter.predict(belief, now, stir=STIR), found)
