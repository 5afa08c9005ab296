"""How much sooner simulated people reach the target band with the policy than with the fixed script."""

from __future__ import annotations

import numpy as np

from ml.simulation.practice import LONGEST, by_policy, by_script, draw

SEED = 21


def measure(count: int) -> dict[str, object]:
    """Mean minutes of both, the gain and its 95 % interval (pairs drawn again 2,000 times)."""
    people = draw(count, SEED)
    fixed = np.array([by_script(person, 1000 + index) for index, person in enumerate(people)])
    adaptive = np.array([by_policy(person, 1000 + index) for index, person in enumerate(people)])
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, count, (2000, count))
    gains = 1 - adaptive[drawn].mean(axis=1) / fixed[drawn].mean(axis=1)
    return {
        "people": count,
        "minutes_fixed": round(float(fixed.mean()) / 60, 2),
        "minutes_adaptive": round(float(adaptive.mean()) / 60, 2),
        "median_fixed": round(float(np.median(fixed)) / 60, 2),
        "median_adaptive": round(float(np.median(adaptive)) / 60, 2),
        "sooner": round(1 - float(adaptive.mean() / fixed.mean()), 3),
        "sooner_interval": [round(float(value), 3) for value in np.percentile(gains, [2.5, 97.5])],
        "not_within_an_hour": [
            round(float((fixed >= LONGEST).mean()), 3),
            round(float((adaptive >= LONGEST).mean()), 3),
        ],
    }
