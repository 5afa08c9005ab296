"""Whether the weights tell the truth about the model: deletion, the planted cause, and noise made to mislead it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.attention.features import CHANNELS, Array
from ml.attention.session import Session
from ml.simulation.rows import Rows

_POINTS = 13
_RANDOM_ORDERS = 5
_EPSILON = 0.1  # a fifth of a spread of each channel
_BLOCK = 4


def measure(model: Session, test: Rows) -> tuple[dict[str, object], dict[str, npt.NDArray[np.float64]]]:
    """Top three against the planted cause; areas under the deletion curves by weight and at random."""
    planted = test.take(test.cause >= 0)
    share = model.run(planted.x, planted.y, planted.mask)[2]
    top = np.argsort(-share, axis=1)[:, :3]
    hits = (top == planted.cause[:, None]).any(axis=1)
    near = (np.abs(top - planted.cause[:, None]) <= 1).any(axis=1)
    ours = deletion(model, planted, share)
    rng = np.random.default_rng(3)
    chance = np.mean([deletion(model, planted, rng.random(share.shape)) for _one in range(_RANDOM_ORDERS)], axis=0)
    areas = float(np.trapezoid(ours, dx=1 / (_POINTS - 1))), float(np.trapezoid(chance, dx=1 / (_POINTS - 1)))
    spread = 1.96 * float(np.sqrt(hits.mean() * (1 - hits.mean()) / len(hits)))
    report = {
        "planted": len(planted),
        "top3": round(float(hits.mean()), 3),
        "top3_interval": [round(float(hits.mean()) - spread, 3), round(float(hits.mean()) + spread, 3)],
        "top3_or_neighbour": round(float(near.mean()), 3),
        "top3_by_chance": round(3 / planted.x.shape[1], 3),
        "deletion_area": round(areas[0], 3),
        "deletion_area_random": round(areas[1], 3),
        "deletion_gain": round(areas[0] - areas[1], 3),
    }
    return report, {"by weight": ours, "at random": chance}


def deletion(model: Session, rows: Rows, order: Array | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far the state has moved, 0 to 1 of the way to a reading without any window, as windows go, highest first."""
    ranked = np.argsort(-np.where(rows.mask, order, -1.0), axis=1)
    rank = np.argsort(ranked, axis=1)
    seen = rows.mask.sum(axis=1, keepdims=True)
    whole = model.run(rows.x, rows.y, rows.mask)[0][:, :3]
    empty = model.run(rows.x, rows.y, np.zeros_like(rows.mask))[0][:, :3]
    room = np.linalg.norm(whole - empty, axis=1)
    chosen = room > 0.1
    curve = []
    for index in range(_POINTS):
        keep = rows.mask & (rank >= np.round(seen * index / (_POINTS - 1)))
        moved = np.linalg.norm(model.run(rows.x, rows.y, keep)[0][:, :3] - whole, axis=1)
        curve.append(float(np.minimum(moved[chosen] / room[chosen], 1.0).mean()))
    return np.array(curve)


def noise(model: Session, test: Rows) -> dict[str, float]:
    """RMSE with random noise of `_EPSILON`, and with noise of that size made to mislead.

    The misleading one follows the sign of the error's slope by differences, for each channel in stretches of `_BLOCK`
    windows: an attacker who sees every output, but no single window's slope.
    """
    rng = np.random.default_rng(5)
    some = test.take(slice(0, 400))
    width = len(CHANNELS)
    random, hostile = some.x.copy(), some.x.copy()
    random[..., :width] += _EPSILON * np.sign(rng.normal(size=random[..., :width].shape)).astype(np.float32)
    for channel in range(width):
        for first in range(0, some.x.shape[1], _BLOCK):
            up, down = some.x.copy(), some.x.copy()
            up[:, first : first + _BLOCK, channel] += _EPSILON
            down[:, first : first + _BLOCK, channel] -= _EPSILON
            rise = np.sign(_squares(model, some, up) - _squares(model, some, down))
            hostile[:, first : first + _BLOCK, channel] += (_EPSILON * rise)[:, None].astype(np.float32)
    return {
        "clean": _error(model, some, some.x),
        "random": _error(model, some, random),
        "adversarial": _error(model, some, hostile),
        "size_in_spreads": 2 * _EPSILON,
    }


def _squares(model: Session, rows: Rows, x: Array) -> npt.NDArray[np.float64]:
    return np.asarray(((model.run(x, rows.y, rows.mask)[0][:, :3] - rows.state) ** 2).sum(axis=1), dtype=np.float64)


def _error(model: Session, rows: Rows, x: Array) -> float:
    return round(float(np.sqrt(_squares(model, rows, x).mean() / 3)), 4)
