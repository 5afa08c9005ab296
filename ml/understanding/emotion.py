"""Reads the emotion of one message in either language. Never raises and never stores the text.

Both are read by the shared encoder, Chinese also by a linear layer over n-grams; with weight files missing or broken
what is left answers, the lexicon last, and `self_check` says so.
"""

from __future__ import annotations

import json
from functools import lru_cache

from safetensors import SafetensorError

from ml.encoder import session
from ml.encoder.weights import MODELS, problems
from ml.text import detect_language
from ml.types import EmotionReading, Language
from ml.understanding import encoder, linear
from ml.understanding.affect import valence_and_arousal
from ml.understanding.features import clip, plain
from ml.understanding.labels import EKMAN, EKMAN_OF_FEELING, EKMAN_OF_GOEMOTIONS, FEELINGS
from ml.understanding.lexicon import cues

VERSION = "emotion-2"
CHINESE = MODELS / "emotion-zh"
# Below this share of the highest feeling the label stays neutral: better no guess than a wrong one.
UNSURE = 0.3
# Weight of the encoder beside the n-grams in Chinese.
ENCODER_SHARE = 0.5
# A file that cannot be read is one fault with many faces, one for each library that opens it.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    json.JSONDecodeError,
    SafetensorError,
)


def read(text: str, language: Language | None = None) -> EmotionReading:
    """Emotion of `text`; the language is detected where none is given. Time is bounded for any length of text.

    `scores` are the 28 GoEmotions (independent); `feelings` are the 12 that the reply bank knows (they sum to 1), and
    `label` is the largest of these, or neutral where none is clear. Without the encoder both are the 12, as the
    Chinese n-gram reader or the lexicon finds them.
    """
    language = language or detect_language(text)
    version = VERSION
    encoded = _encoder()
    if not any(character.isprintable() and not character.isspace() for character in clip(text)):
        scores = feelings = {name: float(name == "neutral") for name in FEELINGS}
    elif encoded is not None:
        outputs = encoder.outputs_of(encoded, text)
        scores = encoder.goemotions(outputs)
        feelings = _joined(encoder.feelings(encoded, outputs, plain(text), language), text, language)
        version = f"{VERSION}/{encoded.name}"
    elif language == "zh" and (chinese := _chinese()):
        scores = feelings = chinese.feelings(text)
        version = f"{VERSION}/ngrams"
    else:
        scores = feelings = _by_lexicon(text, language)
        version = f"{VERSION}/lexicon"
    valence, arousal = valence_and_arousal(feelings)
    highest = max(feelings, key=lambda name: feelings[name])
    label = highest if feelings[highest] >= UNSURE else "neutral"
    return EmotionReading(label, scores, valence, arousal, language, version, feelings)


def _joined(feelings: dict[str, float], text: str, language: Language) -> dict[str, float]:
    """For Chinese the mean of encoder and n-grams: each sees what the other misses."""
    chinese = _chinese() if language == "zh" else None
    if chinese is None:
        return feelings
    other = chinese.feelings(text)
    return {name: ENCODER_SHARE * share + (1 - ENCODER_SHARE) * other[name] for name, share in feelings.items()}


def ekman(reading: EmotionReading) -> dict[str, float]:
    """The seven scores of Ekman's six and neutral: the largest member of the 28, else the sum of the 12."""
    if "admiration" in reading.scores:
        return {
            name: max(reading.scores[member] for member, group in EKMAN_OF_GOEMOTIONS.items() if group == name)
            for name in EKMAN
        }
    return {
        name: sum(reading.feelings[member] for member, group in EKMAN_OF_FEELING.items() if group == name)
        for name in EKMAN
    }


def self_check() -> list[str]:
    """What is wrong with the weight files, in words for an operator; empty where all is well."""
    found = session.self_check() + problems(CHINESE)
    return found if found or _chinese() else ["emotion-zh: the files are right but do not load"]


def _encoder() -> session.Session | None:
    try:
        return session.load()
    except session.EncoderError:
        return None


@lru_cache(maxsize=1)
def _chinese() -> linear.LinearReader | None:
    try:
        return linear.load(CHINESE)
    except _UNREADABLE:
        return None


def _by_lexicon(text: str, language: Language) -> dict[str, float]:
    """One part for neutral and two for each time a feeling is named."""
    parts = {"neutral": 1.0} | {name: 2.0 * count for name, count in cues(plain(text), language).items()}
    total = sum(parts.values())
    return {name: parts.get(name, 0.0) / total for name in FEELINGS}
