"""The filter on held-out people: the model's reading and an earlier self-report together, and how honest it is."""

from __future__ import annotations

import numpy as np

from ml.attention.features import Y_NAMES
from ml.attention.session import Session
from ml.simulation.rows import Rows
from ml.state import evidence
from ml.state.filter import AXES, predict, stranger, update


def measure(model: Session, test: Rows, most: int = 1000) -> dict[str, object]:
    """RMSE and coverage of the 90 % interval."""
    rows = test.take(slice(0, most))
    found = model.run(rows.x, rows.y, rows.mask)[0]
    widen = np.array(model.settings["widen"][:3])
    said_columns = [Y_NAMES.index(f"said_{axis}") for axis in AXES]
    means, spreads = [], []
    for index in range(len(rows)):
        belief = stranger(0.0)
        y = rows.y[index]
        seconds = 0.0
        if y[Y_NAMES.index("has_said")] > 0:
            values = dict(zip(AXES, (float(y[column]) for column in said_columns), strict=True))
            belief = update(belief, evidence.said(values))
            seconds = float(y[Y_NAMES.index("said_age")]) * 4.0 * 3600.0
        reading = evidence.modelled(found[index, :3].tolist(), (np.exp(found[index, 3:6]) * widen).tolist())
        belief = update(predict(belief, seconds), reading)
        means.append(belief.mean)
        spreads.append(belief.sd)
    z = (rows.state - np.array(means)) / np.array(spreads)
    return {
        "rmse": round(float(np.sqrt(((rows.state - np.array(means)) ** 2).mean())), 4),
        "within_90": round(float((np.abs(z) <= 1.6449).mean()), 3),
        "z_squared": round(float((z**2).mean()), 3),
    }
