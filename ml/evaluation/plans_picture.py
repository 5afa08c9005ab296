"""The picture of the study of plans: how much benefit each kind of plan has missed so far, against hindsight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ml.evaluation.charts import AMBER, BLUE, GREEN, INK, SOFT, Drawing, Plot
from ml.evaluation.metrics import Z_95
from ml.planning.graph import Array

SHOWN = {
    "planner": ("planner", GREEN),
    "planner_with_others": ("planner, others known", BLUE),
    "fixed": ("best fixed plan", AMBER),
    "graph_alone": ("graph alone", SOFT),
    "random": ("random plan", INK),
}
_TOP, _LEFT, _WIDE, _HIGH = 74, 60, 380, 240


def regret(rows: Sequence[Mapping[str, Array]], arm: str) -> Array:
    """Benefit missed up to the end of each week, shape (seeds, weeks)."""
    return np.array([np.cumsum(row["hindsight"] - row[arm]) for row in rows])


def picture(rows: Sequence[Mapping[str, Array]], people: int) -> Drawing:
    """Lines: the mean over worlds; bars: its 95 % interval."""
    weeks = len(rows[0]["hindsight"])
    lines = {arm: _line(regret(rows, arm)) for arm in SHOWN if arm in rows[0]}
    most = max(float((mean + half)[-1]) for mean, half in lines.values()) * 1.05
    drawing = Drawing(_LEFT + _WIDE + 170, _TOP + _HIGH + 52, "Benefit missed by kinds of plans over weeks")
    drawing.write((16, 22), "Regret: benefit missed so far, against knowing each person", size=14, fill=INK)
    drawing.write((16, 40), f"simulated: {len(rows)} worlds, {people} people each; points of a 0 to 10 rating", size=10)
    drawing.write((16, 54), "bars: 95 % intervals of the mean over worlds", size=10)
    plot = Plot(drawing, (_LEFT, _TOP), (_WIDE, _HIGH), (0, weeks), (0, most))
    step = max(1, round(most / 6, -1)) if most > 30 else max(1, round(most / 6))
    plot.grid(range(weeks + 1), [step * number for number in range(int(most / step) + 1)])
    drawing.write((_LEFT + _WIDE / 2, _TOP + _HIGH + 36), "weeks", anchor="middle")
    last = -np.inf
    for arm, (mean, half) in sorted(lines.items(), key=lambda item: -float(item[1][0][-1])):
        name, colour = SHOWN[arm]
        drawing.path([plot.at(0, 0), *(plot.at(week + 1, mean[week]) for week in range(weeks))], stroke=colour)
        for week in range(weeks):
            low, high = (plot.at(week + 1, mean[week] + sign * half[week]) for sign in (-1, 1))
            drawing.line(low, high, stroke=colour)
            drawing.dot(plot.at(week + 1, mean[week]), 2.5, fill=colour)
        x, y = plot.at(weeks, float(mean[-1]))
        # Names go from top to bottom and never stand on each other.
        last = max(y, last + 13)
        drawing.write((x + 10, last + 4), f"{name} {mean[-1]:.0f}", fill=colour)
    return drawing


def _line(missed: Array) -> tuple[Array, Array]:
    """Mean over worlds and half of its 95 % interval, by week."""
    half = Z_95 * missed.std(axis=0, ddof=1) / np.sqrt(len(missed))
    return np.asarray(missed.mean(axis=0)), np.asarray(half)
