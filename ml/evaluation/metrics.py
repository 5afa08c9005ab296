"""Figures that evaluators share: Wilson intervals, F1, area under the curve, calibration, confusion. numpy only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its Wilson 95 % interval; `value` is None where nothing was counted."""

    hits: int
    total: int
    value: float | None
    low: float
    high: float

    def as_dict(self) -> dict[str, object]:
        """Plain values for the report."""
        return asdict(self)

    def __str__(self) -> str:
        if self.value is None:
            return "  –   (0/0)"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] ({self.hits}/{self.total})"


def wilson(hits: int, total: int, z: float = Z_95) -> Rate:
    """Share with its score interval (Wilson 1927), which stays inside [0, 1] also for 0 of n and n of n."""
    if total <= 0:
        return Rate(0, 0, None, 0.0, 1.0)
    share = hits / total
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    middle, scale = share + z * z / (2 * total), 1 + z * z / total
    return Rate(hits, total, share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def f1_scores(true: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[float, float, list[float]]:
    """Macro F1, micro F1 and F1 by label of two 0/1 arrays, shape (rows, labels). A label never seen counts 0."""
    truth, guess = np.asarray(true, dtype=bool), np.asarray(predicted, dtype=bool)
    hits = (truth & guess).sum(axis=0)
    sizes = truth.sum(axis=0) + guess.sum(axis=0)
    by_label = np.divide(2.0 * hits, sizes, out=np.zeros(len(sizes)), where=sizes > 0)
    micro = 2.0 * hits.sum() / sizes.sum() if sizes.sum() else 0.0
    return float(by_label.mean()) if len(by_label) else 0.0, float(micro), [float(value) for value in by_label]


def one_hot(labels: Sequence[int], count: int) -> npt.NDArray[np.bool_]:
    """Shape (rows, count): True at each row's label; lets single-label tasks use `f1_scores`."""
    table = np.zeros((len(labels), count), dtype=bool)
    table[np.arange(len(labels)), np.asarray(labels, dtype=int)] = True
    return table


def area_under_curve(true: npt.ArrayLike, scores: npt.ArrayLike) -> float | None:
    """Chance that a true row scores above a false one, ties half (Mann–Whitney); None without both sides."""
    truth, values = np.asarray(true, dtype=bool), np.asarray(scores, dtype=float)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def calibration_error(true: npt.ArrayLike, scores: npt.ArrayLike, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Naeini 2015): mean gap of score and truth, by bin size."""
    truth, values = np.asarray(true, dtype=float), np.asarray(scores, dtype=float)
    if not len(values):
        return 0.0
    places = np.minimum((values * bins).astype(int), bins - 1)
    gaps = [
        abs(values[places == place].mean() - truth[places == place].mean()) * (places == place).sum()
        for place in np.unique(places)
    ]
    return float(sum(gaps) / len(values))


def confusion(true: Sequence[int], predicted: Sequence[int], count: int) -> list[list[int]]:
    """Rows are the truth, columns what was said; shape (count, count)."""
    table = np.zeros((count, count), dtype=int)
    np.add.at(table, (np.asarray(true, dtype=int), np.asarray(predicted, dtype=int)), 1)
    return [[int(value) for value in row] for row in table]
