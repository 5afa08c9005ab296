"""What each source is worth to the filter: a person's own word, the model's reading, a live signal.

The person's own word counts most. The model and the signals look at the same body, so their doubt is widened by
`SHARED`: two views of one thing are not two things. The factor makes the filter as unsure as it errs on made-up people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ml.state.filter import AXES, Evidence

SHARED = 1.3
SAID_VARIANCE = 0.15**2
# Live signals, as deviations from the person's usual in their own spreads: loadings on (a, e, r) and noise variance.
# Fitted once on made-up people (docs/attention.md); a faster heart says less about calm than people think.
SIGNALS: Mapping[str, tuple[tuple[float, float, float], float]] = {
    "heart_rate": ((-0.2, -1.3, 0.0), 1.6),
    "hrv": ((0.1, 0.8, 0.0), 1.4),
    "breath_rate": ((-0.1, -0.6, 0.0), 1.5),
    "click_rate": ((0.5, 0.3, 0.0), 1.6),
    "pause_share": ((-0.5, -0.4, 0.0), 1.6),
    "typing_variation": ((-0.6, -0.2, 0.0), 1.6),
}


def said(values: Mapping[str, float]) -> list[Evidence]:
    """A self-report: any of a, e, r in [-1, 1]."""
    return [
        Evidence("self_report", _axis(name), max(-1.0, min(1.0, value)), SAID_VARIANCE)
        for name, value in values.items()
        if name in AXES
    ]


def modelled(mean: Sequence[float], variance: Sequence[float]) -> list[Evidence]:
    """The model's reading of a, e, r with its calibrated variances."""
    return [
        Evidence("model", _axis(name), float(value), SHARED * float(doubt))
        for name, value, doubt in zip(AXES, mean, variance, strict=True)
    ]


def signal(name: str, deviation: float) -> list[Evidence]:
    """One live signal as a deviation from the person's usual; nothing where the filter does not know the signal."""
    known = SIGNALS.get(name)
    return [Evidence(name, known[0], deviation, SHARED * known[1])] if known else []


def _axis(name: str) -> tuple[float, float, float]:
    first, second, third = (1.0 if name == axis else 0.0 for axis in AXES)
    return (first, second, third)
