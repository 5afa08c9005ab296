"""The hidden state of the made-up people through their hours: a burden that is kept, the day's wave, wear and repair.

What is kept of earlier events is one burden, led by the event that matters most: w_j = weight_j · strength_j ·
exp(-age_j / fade), burden = Σ w_j softmax(β w)_j. That the strongest moment leads is the peak rule (Fredrickson and
Kahneman 1993); that a burden outlasts its cause, perseverative cognition (Brosschot, Gerin and Thayer 2006). Both are
assumptions here, and the first one is of the very shape that attention can learn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.attention.features import WINDOW_SECONDS
from ml.simulation.events import Events
from ml.simulation.people import People

Array = npt.NDArray[np.float64]
_HOURS = WINDOW_SECONDS / 3600.0
_BETA = 9.0
_STARTLE_HOURS = 0.22


@dataclass(frozen=True, slots=True)
class Days:
    """The truth: `state` [n, T, 3] in [-1, 1], `burden` and `startle` [n, T], `cause` [n] window of the event that
    weighs most at the end, -1 where none weighs at least `PLANTED`; `hour` [n, T]."""

    state: Array
    burden: Array
    startle: Array
    cause: npt.NDArray[np.intp]
    hour: Array


PLANTED = 0.25


def live(people: People, events: Events, start_hour: Array, slept: Array, rng: np.random.Generator) -> Days:
    """Run the hours. `start_hour` [n] of the first window; `slept` [n] hours against the person's usual."""
    count, steps = events.strength.shape
    rows = np.arange(count)[:, None]
    appraisal = events.strength * people.weighs[rows, events.kind]
    keep = np.exp(-_HOURS / people.fade_hours)[:, None]
    kept = np.zeros((count, steps))
    resilience = people.base[:, 2] + 0.08 * slept
    wander = np.zeros((count, 2))
    startle = np.zeros(count)
    state, burden, startles = np.zeros((count, steps, 3)), np.zeros((count, steps)), np.zeros((count, steps))
    hour = (start_hour[:, None] + np.arange(steps) * _HOURS) % 24.0
    for step in range(steps):
        kept *= keep
        kept[events.practice[:, step]] *= 0.55
        kept[:, step] = appraisal[:, step]
        burden[:, step] = _burden(kept[:, : step + 1])
        startle = startle * np.exp(-_HOURS / _STARTLE_HOURS) + events.strength[:, step] * (
            0.45 + 0.55 * people.weighs[np.arange(count), events.kind[:, step]]
        )
        startles[:, step] = startle
        wander = 0.9 * wander + rng.normal(0, 0.035, (count, 2))
        state[:, step] = _now(people, burden[:, step], resilience, wander, hour[:, step], slept)
        pull = (people.base[:, 2] + 0.08 * slept - resilience) / 14.0
        resilience = resilience + _HOURS * (pull - 0.06 * burden[:, step]) + 0.05 * events.practice[:, step]
        resilience = resilience + rng.normal(0, 0.006, count)
    strongest = kept.argmax(axis=1)
    cause = np.where(kept.max(axis=1) >= PLANTED, strongest, -1)
    return Days(state, burden, startles, cause, hour)


def _burden(kept: Array) -> Array:
    """Led by the strongest: [n, J] to [n]."""
    weights = np.exp(_BETA * (kept - kept.max(axis=1, keepdims=True))) * (kept > 1e-3)
    return np.asarray((kept * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))


def _now(people: People, burden: Array, resilience: Array, wander: Array, hour: Array, slept: Array) -> Array:
    """a, e, r of this window from what drives them, [n, 3]."""
    wave = np.cos(2 * np.pi * (hour - people.chronotype) / 24.0)
    felt = burden * (1.0 - 0.35 * resilience)
    attention = people.base[:, 0] + people.rhythm[:, 0] * wave - 0.75 * felt + 0.05 * slept + wander[:, 0]
    emotion = people.base[:, 1] + people.rhythm[:, 1] * wave - 0.95 * felt + wander[:, 1]
    return np.tanh(np.stack([attention, emotion, resilience], axis=1))
