"""Where each feeling stands on the circumplex (Russell 1980): valence and arousal in [-1, 1].

The numbers are this project's own rounding of where the literature places these words; they order feelings, they do
not measure a person.
"""

from __future__ import annotations

from collections.abc import Mapping

# feeling → (valence: unpleasant -1 … pleasant 1, arousal: still -1 … stirred 1)
AFFECT: Mapping[str, tuple[float, float]] = {
    "neutral": (0.0, 0.0),
    "sadness": (-0.7, -0.4),
    "fear": (-0.7, 0.7),
    "anger": (-0.7, 0.8),
    "shame": (-0.7, 0.2),
    "guilt": (-0.6, 0.1),
    "loneliness": (-0.6, -0.5),
    "joy": (0.9, 0.5),
    "hope": (0.6, 0.2),
    "disgust": (-0.7, 0.4),
    "relief": (0.6, -0.4),
    "surprise": (0.1, 0.8),
}


def valence_and_arousal(feelings: Mapping[str, float]) -> tuple[float, float]:
    """Mean of the table weighted by the probabilities (they need not sum to 1), cut to [-1, 1]."""
    total = sum(feelings.values()) or 1.0
    valence = sum(share * AFFECT[name][0] for name, share in feelings.items()) / total
    arousal = sum(share * AFFECT[name][1] for name, share in feelings.items()) / total
    return max(-1.0, min(1.0, valence)), max(-1.0, min(1.0, arousal))
