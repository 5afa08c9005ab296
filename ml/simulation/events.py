"""What happens to the made-up people: stress (the planted causes), ordinary busyness, sport, practice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.attention.features import LOADS
from ml.simulation.people import People

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]

# Happenings per window of ten minutes.
_STRESS, _BUSY, _SPORT, _PRACTICE = 2.6 / 48, 4.0 / 48, 0.9 / 48, 0.35 / 48


@dataclass(frozen=True, slots=True)
class Events:
    """What happens in each window, [n, T]. `strength` 0 where nothing stressful does; `kind` is a position in LOADS."""

    strength: Array
    kind: Whole
    busy: Whole  # app that somebody is busy with, without any stress; -1 none
    sport: Array
    practice: npt.NDArray[np.bool_]


def draw(people: People, steps: int, rng: np.random.Generator) -> Events:
    """Events of `steps` windows. Stress is drawn blind to what weighs on somebody: for many it is a look-alike."""
    shape = (len(people), steps)
    happens = rng.random(shape) < _STRESS
    strength = np.where(happens, rng.uniform(0.5, 1.4, shape), 0.0)
    quiet = ~happens
    busy = np.where((rng.random(shape) < _BUSY) & quiet, rng.integers(0, len(LOADS), shape), -1)
    sport = np.where((rng.random(shape) < _SPORT) & quiet & (busy < 0), rng.uniform(0.5, 1.2, shape), 0.0)
    # Sport goes on for another window or two and fades.
    for lag in (1, 2):
        sport[:, lag:] = np.maximum(sport[:, lag:], np.where(quiet[:, lag:], 0.6 * sport[:, :-lag], 0.0))
    practice = (rng.random(shape) < _PRACTICE) & quiet & (busy < 0) & (sport == 0)
    return Events(strength, rng.integers(0, len(LOADS), shape), busy, sport, practice)
