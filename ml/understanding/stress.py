"""What weighs on a person: the everyday stressor a message speaks of and how heavy it sounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.encoder import session
from ml.encoder.heads import STRESSORS
from ml.text import normalise
from ml.understanding.features import clip
from ml.understanding.linear import softmax

# Below this share no stressor is named: better none than a wrong one.
UNSURE = 0.4


# Less than this is small talk, whatever it is about.
LEAST_SEVERITY = 3.5
# The names under which the reply bank and the planner know them; the others are too wide to act on.
TOPICS = {
    "work": "work",
    "school": "exams_study",
    "money": "money",
    "family": "family",
    "health": "illness",
}


@dataclass(frozen=True, slots=True)
class Stress:
    """`stressor` is one of `STRESSORS` or empty where none is clear; `severity` runs from 0 to 10."""

    stressor: str
    severity: float
    shares: dict[str, float]


def read(text: str) -> Stress | None:
    """Stressor and severity of one message, either language; None where the encoder cannot be used."""
    try:
        outputs = session.load().read(normalise(clip(text)).text)
    except session.EncoderError:
        return None
    shares = dict(zip(STRESSORS, softmax(outputs["stressors"]).tolist(), strict=True))
    highest = max(shares, key=lambda name: shares[name])
    severity = 10.0 / (1.0 + float(np.exp(-outputs["severity"][0])))
    return Stress(highest if shares[highest] >= UNSURE else "", round(severity, 2), shares)


def topics(text: str) -> tuple[str, ...]:
    """The topic of a message that weighs on the person, under the reply bank's name; empty where none is clear."""
    found = read(text)
    if found is None or found.severity < LEAST_SEVERITY or found.stressor not in TOPICS:
        return ()
    return (TOPICS[found.stressor],)
