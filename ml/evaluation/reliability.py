"""Reliability: how often what was given a chance of p came true, in ten steps, as figures and as a diagram.

A detector is well calibrated where the dots lie on the diagonal (Murphy & Winkler 1977; bins and error: Naeini 2015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml.evaluation.charts import BLUE, GRID, INK, SOFT, Drawing, Plot
from ml.evaluation.metrics import Rate, calibration_error, wilson
from ml.types import RiskLevel

# Names of the risk head's four chances and the level each asks about.
RISK_HEADS: Mapping[str, RiskLevel] = {
    "support": RiskLevel.LOW,
    "flag": RiskLevel.MODERATE,
    "page": RiskLevel.HIGH,
    "imminent": RiskLevel.IMMINENT,
}
STEPS = 10
_SIDE, _GAP, _LEFT, _TOP, _COLUMNS = 190, 62, 52, 56, 4


@dataclass(frozen=True, slots=True)
class Step:
    """Predictions of one tenth: their mean chance, and how many came true."""

    predicted: float
    observed: Rate


@dataclass(frozen=True, slots=True)
class Reliability:
    """One head: its steps (empty ones left out), expected calibration error and number of predictions."""

    steps: tuple[Step, ...]
    error: float
    count: int

    def as_dict(self) -> dict[str, object]:
        """Plain values for the report."""
        steps = [{"predicted": round(step.predicted, 4), "observed": step.observed.as_dict()} for step in self.steps]
        return {"calibration_error": round(self.error, 4), "rows": self.count, "steps": steps}


def measure(chances: npt.ArrayLike, truth: npt.ArrayLike) -> Reliability:
    """Ten equal steps of the predicted chance; both inputs have one value a prediction."""
    values, real = np.asarray(chances, dtype=float), np.asarray(truth, dtype=bool)
    places = np.minimum((values * STEPS).astype(int), STEPS - 1)
    steps = tuple(
        Step(
            float(values[places == place].mean()),
            wilson(int(real[places == place].sum()), int((places == place).sum())),
        )
        for place in np.unique(places)
    )
    return Reliability(steps, calibration_error(real, values, STEPS), len(values))


def of_risk(scores: Sequence[Mapping[str, float]], levels: Sequence[RiskLevel]) -> dict[str, Reliability]:
    """Each head of the risk detector; messages for which the head was not asked (empty, small talk) do not count."""
    asked = [(chances, level) for chances, level in zip(scores, levels, strict=True) if chances]
    return {
        head: measure([chances[head] for chances, _ in asked], [level >= least for _, level in asked])
        for head, least in RISK_HEADS.items()
        if asked and all(head in chances for chances, _ in asked)
    }


def of_labels(
    labels: Sequence[str], truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], *, most: int = 11
) -> dict[str, Reliability]:
    """All labels together, then each of the `most` frequent ones; both arrays have the shape (rows, labels)."""
    found = {"all labels": measure(scores.ravel(), truth.ravel())}
    counts = truth.sum(axis=0)
    for place in sorted(range(len(labels)), key=lambda label: -int(counts[label]))[:most]:
        if counts[place]:
            found[labels[place]] = measure(scores[:, place], truth[:, place])
    return found


def emotion_report(
    labels: Sequence[str], gold: Sequence[Sequence[str]], scores: npt.NDArray[np.float64], path: Path | None
) -> dict[str, object]:
    """The part `reliability` of the emotion report; the diagram is drawn where a file is named."""
    truth = np.array([[label in row for label in labels] for row in gold], dtype=bool)
    found = of_labels(labels, truth, scores)
    if path:
        draw(found, "Emotion: predicted chance and observed share").save(path)
    return {name: one.as_dict() for name, one in found.items()}


def draw(panels: Mapping[str, Reliability], title: str) -> Drawing:
    """A square for each head, four in a row: dots with 95 % intervals, counts as bars, the diagonal to compare with."""
    rows = max(1, -(-len(panels) // _COLUMNS))
    columns = max(1, min(_COLUMNS, len(panels)))
    drawing = Drawing(_LEFT + columns * (_SIDE + _GAP), _TOP + rows * (_SIDE + 96), title)
    drawing.write((_LEFT, 24), title, size=15, fill=INK)
    for place, (name, one) in enumerate(panels.items()):
        row, column = divmod(place, _COLUMNS)
        _panel(drawing, (_LEFT + column * (_SIDE + _GAP), _TOP + row * (_SIDE + 96)), name, one)
    return drawing


def _panel(drawing: Drawing, corner: tuple[float, float], name: str, one: Reliability) -> None:
    plot = Plot(drawing, corner, (_SIDE, _SIDE))
    plot.grid((0, 0.5, 1), (0, 0.25, 0.5, 0.75, 1), percent=True)
    drawing.line(plot.at(0, 0), plot.at(1, 1), stroke=SOFT, stroke_dasharray="4 4")
    drawing.write((corner[0], corner[1] - 8), f"{name} · error {one.error:.3f} · n {one.count}", fill=INK, size=12)
    most = max((step.observed.total for step in one.steps), default=1)
    foot = corner[1] + _SIDE + 52
    for step in one.steps:
        share = step.observed.value or 0.0
        drawing.line(
            plot.at(step.predicted, step.observed.low), plot.at(step.predicted, step.observed.high), stroke=BLUE
        )
        drawing.dot(plot.at(step.predicted, share), 3.5)
        x, _ = plot.at(step.predicted, 0)
        high = 26 * step.observed.total / most
        drawing.add("rect", x=x - 6, y=foot - high, width=12, height=high, fill=GRID)
        drawing.write((x, foot + 11), str(step.observed.total), size=8, anchor="middle")
    drawing.path([plot.at(step.predicted, step.observed.value or 0.0) for step in one.steps], stroke=BLUE)
