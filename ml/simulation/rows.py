"""Training rows of made-up people: x, y, mask, the state now, its change within the hour, and the planted cause."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml.attention import features
from ml.attention.features import WINDOWS, Array
from ml.simulation import days as living
from ml.simulation import devices, events, people

_BEFORE = 96  # sixteen hours from which a person's usual is known
_HOUR = 6


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one make, simulated or consented. `cause` is -1 where none is known; `person` is for splits."""

    x: Array  # [N, T, D]
    y: Array  # [N, Y]
    mask: npt.NDArray[np.bool_]  # [N, T]
    state: Array  # [N, 3]
    change: Array  # [N, 3]
    cause: npt.NDArray[np.int64]  # [N]
    person: npt.NDArray[np.int64]  # [N]

    def __len__(self) -> int:
        return len(self.x)

    def take(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> Rows:
        """Some of the rows."""
        return Rows(**{item.name: getattr(self, item.name)[chosen] for item in fields(self)})

    def save(self, path: Path) -> None:
        """One compressed file, the format that training reads."""
        np.savez_compressed(path, **{item.name: getattr(self, item.name) for item in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Rows:
        """Read what `save` wrote.

        Raises:
            OSError, KeyError, ValueError: the file is not of this make.
        """
        with np.load(path, allow_pickle=False) as held:
            return cls(**{item.name: held[item.name] for item in fields(cls)})


def simulate(count: int, *, each: int = 4, seed: int = 7) -> Rows:
    """`each` stretches of eight hours from each of `count` people."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(count), each)
    crowd = people.draw(count, rng).take(who)
    steps = _BEFORE + WINDOWS
    start = rng.uniform(9.0, 22.0, len(who)) - steps * features.WINDOW_SECONDS / 3600.0
    slept = rng.normal(0, 1.0, len(who))
    happening = events.draw(crowd, steps, rng)
    truth = living.live(crowd, happening, start, slept, rng)
    seen = devices.observe(crowd, happening, truth, rng)
    baseline = features.usual(seen.channels[:, :_BEFORE])
    last = features.Windows(seen.channels[:, _BEFORE:], seen.apps[:, _BEFORE:])
    x, mask = features.read_windows(last, baseline)
    y = features.read_indicators(_indicators(crowd, truth, slept, rng))
    now = truth.state[:, -1]
    return Rows(
        x=x,
        y=y,
        mask=mask,
        state=now.astype(np.float32),
        change=(now - truth.state[:, -1 - _HOUR]).astype(np.float32),
        cause=np.where(truth.cause >= _BEFORE, truth.cause - _BEFORE, -1).astype(np.int64),
        person=who.astype(np.int64),
    )


def _indicators(
    crowd: people.People, truth: living.Days, slept: npt.NDArray[np.float64], rng: np.random.Generator
) -> features.Indicators:
    """What the person said of themselves: what weighs on them, and perhaps how they were some hours ago."""
    count = len(crowd)
    weighs = (crowd.weighs + rng.normal(0, 0.08, crowd.weighs.shape)).clip(0, 1)
    weighs = np.where(rng.random((count, 1)) < 0.1, 0.5, weighs)
    ago = rng.integers(12, WINDOWS, count)
    then = truth.state[np.arange(count), -1 - ago]
    said = (then + rng.normal(0, 1, then.shape) * crowd.says[:, None]).clip(-1, 1)
    said = np.where(rng.random((count, 1)) < 0.5, said, np.nan)
    sleep = np.where(rng.random(count) < 0.6, slept + rng.normal(0, 0.4, count), np.nan)
    return features.Indicators(
        weighs=weighs.astype(np.float32),
        said=said.astype(np.float32),
        said_hours=(ago * features.WINDOW_SECONDS / 3600.0).astype(np.float32),
        hour=truth.hour[:, -1].astype(np.float32),
        sleep=sleep.astype(np.float32),
    )
