"""The door to `ml`: one language model per process, the emotion reader and the guard. Never used by the web process."""

from __future__ import annotations

import os
import threading
from functools import lru_cache

from ml.config import EngineConfig
from ml.runtime import build_language_model
from ml.types import EmotionReading, Language, LanguageModel
from ml.understanding import emotion

_lock = threading.Lock()


@lru_cache(maxsize=1)
def _build() -> LanguageModel:
    return build_language_model(EngineConfig.from_environ(os.environ))


def language_model() -> LanguageModel:
    """This process's engine, built at first need; safe from several threads."""
    with _lock:
        return _build()


@lru_cache(maxsize=1)
def companion() -> LanguageModel:
    """The embedded companion: speaks where risk is high and where another engine is away."""
    return build_language_model(EngineConfig(backend="companion"))


def read_emotion(text: str, language: Language) -> EmotionReading:
    """Emotion of one message."""
    return emotion.read(text, language)


def emotion_version() -> str:
    """Version of the emotion reader, stored with each message."""
    return emotion.VERSION


def close() -> None:
    """Free the engine of this process, if one was built."""
    with _lock:
        if _build.cache_info().currsize:
            _build().close()
            _build.cache_clear()
