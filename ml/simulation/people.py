"""Who the made-up people are: their usual body and habits, what weighs on them, how fast a burden fades.

Every number is an assumption of ours, chosen to be plausible; docs/attention.md lists them with their sources.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ml.attention.features import APPS, LOADS

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class People:
    """Traits of n people, one row each. States live in [-1, 1]: a free attention, e calm and pleasant, r strong."""

    base: Array  # [n, 3] how far their usual a, e, r lies from 0
    weighs: Array  # [n, 5] how much each kind of event weighs on them, 0–1
    fade_hours: Array  # [n] how long a burden stays
    chronotype: Array  # [n] hour of the day at which they are best
    rhythm: Array  # [n, 2] size of the day's wave in a and e
    heart: Array  # [n] resting beats per minute
    hrv: Array  # [n] logarithm of RMSSD in ms
    breath: Array  # [n] breaths per minute
    habits: Array  # [n, 6] share of the focus by app
    pace: Array  # [n, 4] clicks per minute, ms between keys, their variation, focus changes per minute
    device: Array  # [n] noise of their heart sensor against ours
    says: Array  # [n] how noisily they report themselves

    def __len__(self) -> int:
        return len(self.heart)

    def take(self, rows: npt.NDArray[np.intp]) -> People:
        """These rows, repeated as asked."""
        return People(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


def draw(count: int, rng: np.random.Generator) -> People:
    """`count` people."""
    pace = np.stack(
        [
            rng.normal(14, 3, count).clip(5, 25),
            rng.normal(190, 35, count).clip(90, 320),
            rng.normal(0.45, 0.08, count).clip(0.2, 0.8),
            rng.normal(2.5, 0.6, count).clip(0.8, 5),
        ],
        axis=1,
    )
    return People(
        # Small: the states are told from each person's usual, and the usual is 0.
        base=rng.normal(0.0, 0.05, (count, 3)),
        # Two humps: most things either weigh on somebody or they do not.
        weighs=rng.beta(0.45, 0.55, (count, len(LOADS))),
        fade_hours=np.exp(rng.normal(np.log(3.5), 0.3, count)),
        chronotype=rng.normal(13.5, 2.0, count),
        rhythm=np.abs(rng.normal([0.12, 0.08], 0.04, (count, 2))),
        heart=rng.normal(68, 8, count).clip(48, 95),
        hrv=rng.normal(3.6, 0.35, count),
        breath=rng.normal(14, 1.5, count).clip(9, 20),
        habits=rng.dirichlet(np.full(len(APPS), 2.0), count),
        pace=pace,
        device=np.exp(rng.normal(0, 0.3, count)),
        says=np.exp(rng.normal(np.log(0.18), 0.25, count)),
    )
