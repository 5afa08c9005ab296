"""Reads the emotion of one message in either language. Never raises and never stores the text.

English goes to a small encoder, Chinese to a linear layer; with a weight file missing or broken the lexicon alone
answers, and `self_check` says so.
"""

from __future__ import annotations

import json
from functools import lru_cache

from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf
from safetensors import SafetensorError

from ml.text import detect_language
from ml.types import EmotionReading, Language
from ml.understanding import encoder, linear
from ml.understanding.affect import valence_and_arousal
from ml.understanding.features import clip, plain
from ml.understanding.labels import EKMAN, EKMAN_OF_FEELING, EKMAN_OF_GOEMOTIONS, FEELINGS
from ml.understanding.lexicon import cues
from ml.understanding.weights import MODELS, problems

VERSION = "emotion-1.0"
ENGLISH = MODELS / "emotion-en"
CHINESE = MODELS / "emotion-zh"
# Below this share of the highest feeling the label stays neutral: better no guess than a wrong one.
UNSURE = 0.3
# A file that cannot be read is one fault with many faces, one for each library that opens it.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    json.JSONDecodeError,
    SafetensorError,
    Fail,
    InvalidGraph,
    InvalidProtobuf,
)


def read(text: str, language: Language | None = None) -> EmotionReading:
    """Emotion of `text`; the language is detected where none is given. Time is bounded for any length of text.

    `scores` are the 28 GoEmotions for English (independent) and the 12 feelings for Chinese; `feelings` are the 12
    in both (they sum to 1), and `label` is the largest of these, or neutral where none is clear.
    """
    language = language or detect_language(text)
    version = VERSION
    if not any(character.isprintable() and not character.isspace() for character in clip(text)):
        scores = feelings = {name: float(name == "neutral") for name in FEELINGS}
    elif language == "en" and (english := _english()):
        scores, feelings = english.scores(text)
    elif language == "zh" and (chinese := _chinese()):
        scores = feelings = chinese.feelings(text)
    else:
        scores = feelings = _by_lexicon(text, language)
        version = f"{VERSION}/lexicon"
    valence, arousal = valence_and_arousal(feelings)
    highest = max(feelings, key=lambda name: feelings[name])
    label = highest if feelings[highest] >= UNSURE else "neutral"
    return EmotionReading(label, scores, valence, arousal, language, version, feelings)


def ekman(reading: EmotionReading) -> dict[str, float]:
    """The seven scores of Ekman's six and neutral: the largest member for English, the sum for Chinese."""
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
    found = problems(ENGLISH) + problems(CHINESE)
    if not found:
        found += [] if _english() else ["emotion-en: the files are right but do not load"]
        found += [] if _chinese() else ["emotion-zh: the files are right but do not load"]
    return found


@lru_cache(maxsize=1)
def _english() -> encoder.EncoderReader | None:
    try:
        return encoder.load(ENGLISH)
    except _UNREADABLE:
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
