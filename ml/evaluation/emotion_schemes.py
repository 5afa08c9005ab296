"""Which label set a file of emotion rows is in, and how our scores are folded into it. Tables, no measuring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ml.evaluation.rows import EvaluationError
from ml.types import EmotionReading
from ml.understanding.emotion import ekman
from ml.understanding.labels import EKMAN, FEELINGS, GOEMOTIONS

# Six-class Chinese microblog task (SMP2020-EWECT): its label → our feelings, added up.
_SMP: Mapping[str, tuple[str, ...]] = {
    "angry": ("anger", "disgust"),
    "happy": ("joy", "hope", "relief"),
    "neutral": ("neutral",),
    "surprise": ("surprise",),
    "sad": ("sadness", "shame", "guilt", "loneliness"),
    "fear": ("fear",),
}
# DAIR's six: its label → GoEmotions names, the largest counts. It has no neutral, so neutral is never said.
_DAIR: Mapping[str, tuple[str, ...]] = {
    "sadness": ("sadness", "grief", "disappointment", "remorse", "embarrassment"),
    "joy": ("joy", "amusement", "excitement", "gratitude", "optimism", "pride", "relief", "admiration", "approval"),
    "love": ("love", "caring", "desire"),
    "anger": ("anger", "annoyance", "disapproval", "disgust"),
    "fear": ("fear", "nervousness"),
    "surprise": ("surprise", "realization", "confusion", "curiosity"),
}
_LABELS: Mapping[str, Sequence[str]] = {
    "goemotions": GOEMOTIONS,
    "ekman": EKMAN,
    "smp": tuple(_SMP),
    "dair": tuple(_DAIR),
    "feelings": FEELINGS,
}
SCHEMES = tuple(_LABELS)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A gold label set by name and the order of its labels."""

    name: str

    @property
    def labels(self) -> Sequence[str]:
        """Names in the order of every array."""
        return _LABELS[self.name]

    def scores(self, reading: EmotionReading) -> list[float]:
        """Our scores in this label set, in the order of `labels`.

        Raises:
            EvaluationError: the text was read without the encoder, which alone knows these labels.
        """
        if self.name in ("goemotions", "dair") and "admiration" not in reading.scores:
            raise EvaluationError(f"The {self.name} labels need the encoder, which is not here.")
        if self.name == "goemotions":
            return [reading.scores[name] for name in GOEMOTIONS]
        if self.name == "ekman":
            return list(ekman(reading).values())
        if self.name == "smp":
            return [sum(reading.feelings[member] for member in group) for group in _SMP.values()]
        if self.name == "dair":
            return [max(reading.scores[member] for member in group) for group in _DAIR.values()]
        return [reading.feelings[name] for name in FEELINGS]


def detect(found: set[str]) -> Scheme:
    """The label set a file is in, by the names that occur in it; narrow sets are tried first.

    Raises:
        EvaluationError: some name is in none of the sets.
    """
    for name in ("smp", "ekman", "dair", "goemotions", "feelings"):
        if found <= set(_LABELS[name]):
            return Scheme(name)
    raise EvaluationError(f"Labels of no known set: {', '.join(sorted(found)[:8])}")
