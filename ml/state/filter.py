"""A Kalman filter of (a, e, r) in information form: pure functions; docs/attention.md has the equations.

Within one step evidence is summed, so its order cannot matter; with none, the doubt grows to that of a stranger and no
further. Nothing here decides about anybody's safety.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
AXES = ("a", "e", "r")

# How long each axis remembers (hours), and how far it strays from a person's usual (standard deviation).
FADE_HOURS: Array = np.array([2.5, 3.0, 24.0])
STRAY: Array = np.array([0.35, 0.40, 0.30])
# How a and e move together; r stands more alone. Correlations of the stationary state.
_TOGETHER: Array = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.2], [0.2, 0.2, 1.0]])
STATIONARY: Array = _TOGETHER * np.outer(STRAY, STRAY)
_LEAST = 1e-6
# Evidence further than this from what was expected is trusted less, by the square of how much further.
_GATE = 3.0


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of (a, e, r): `mean` [3] in [-1, 1], `covariance` [3, 3], `at` in seconds since 1970."""

    mean: Array
    covariance: Array
    at: float

    @property
    def sd(self) -> Array:
        """Standard deviations, [3]."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A reading: `value` = `loading` · (a, e, r) + noise of `variance`. `source` says where it is from."""

    source: str
    loading: tuple[float, float, float]
    value: float
    variance: float


def stranger(at: float) -> Belief:
    """Nothing known: the person's usual, with the doubt of one never met."""
    return Belief(np.zeros(3), STATIONARY.copy(), at)


def predict(belief: Belief, at: float, *, stir: float = 1.0) -> Belief:
    """The belief at a later time, drawn to the person's usual. A time before the belief's own changes nothing.

    `stir` above 1 lets the doubt grow so many times faster: in a practice a state moves within minutes.
    """
    hours = max(0.0, at - belief.at) / 3600.0
    keep = np.exp(-hours / FADE_HOURS)
    blur = keep**stir
    covariance = np.outer(blur, blur) * belief.covariance + (1.0 - np.outer(blur, blur)) * STATIONARY
    return Belief(keep * belief.mean, _proper(covariance), max(at, belief.at))


# What a phase usually brings: its axis, the share of the way to the ceiling that is gained each minute, the ceiling.
BRINGS = {"relax": (1, 0.13, 0.75), "mindfulness": (0, 0.12, 0.75), "focus": (2, 0.09, 0.65)}


def practised(belief: Belief, phase: str, seconds: float) -> Belief:
    """The belief after some seconds of a phase that works as it usually does; an unknown phase changes nothing."""
    if phase not in BRINGS:
        return belief
    axis, share, ceiling = BRINGS[phase]
    mean = belief.mean.copy()
    if mean[axis] < ceiling:
        mean[axis] += (ceiling - mean[axis]) * (1.0 - np.exp(-share * max(0.0, seconds) / 60.0))
    return Belief(mean, belief.covariance, belief.at)


def update(belief: Belief, evidence: Iterable[Evidence]) -> Belief:
    """The belief after this step's evidence: Λ = P⁻¹ + Σ hhᵀ/v, the mean from Λ m = P⁻¹ m₀ + Σ h z/v.

    Readings that are not numbers, and variances that are not above zero, are no evidence.
    """
    information = np.linalg.inv(belief.covariance)
    vector = information @ belief.mean
    for one in sorted(evidence, key=_order):
        loading = np.asarray(one.loading, dtype=np.float64)
        if not (np.isfinite(one.value) and np.isfinite(loading).all() and 0.0 < one.variance < np.inf):
            continue
        value = float(np.clip(one.value, -10.0, 10.0))
        expected = float(loading @ belief.mean)
        spread = float(loading @ belief.covariance @ loading) + one.variance
        excess = max(1.0, abs(value - expected) / (_GATE * spread**0.5)) ** 2
        variance = max(one.variance, 1e-4) * excess
        information = information + np.outer(loading, loading) / variance
        vector = vector + loading * value / variance
    covariance = _proper(np.linalg.inv(information))
    return Belief(np.clip(covariance @ vector, -1.0, 1.0), covariance, belief.at)


def distance(mean: Array, ideal: Array) -> float:
    """How far from the ideal, 0 to about 2: the root of the mean square over the three axes."""
    return float(np.sqrt(np.mean((np.asarray(mean) - np.asarray(ideal)) ** 2)))


def _order(one: Evidence) -> tuple[str, tuple[float, float, float], float, float]:
    """Floating sums depend on their order in the last digit; a fixed order makes even that the same."""
    return (one.source, one.loading, one.value, one.variance)


def _proper(covariance: Array) -> Array:
    """Symmetric, no eigenvalue below the least."""
    even = (covariance + covariance.T) / 2.0
    values, vectors = np.linalg.eigh(even)
    if values[0] >= _LEAST:
        return np.asarray(even)
    return np.asarray((vectors * np.maximum(values, _LEAST)) @ vectors.T)
