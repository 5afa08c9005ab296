"""The door to `ml`: one language model per process, the emotion reader, topics, the guard.

The web process calls only `detect_language`; nothing here imports torch until an engine that needs it is built.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ml.config import ConfigurationError, EngineConfig
from ml.encoder import session as encoder
from ml.llm import guard, policy
from ml.llm.companion import answers, retrieval, topics
from ml.planning.records import Library
from ml.runtime import build_language_model
from ml.text import detect_language
from ml.types import EmotionReading, EngineUnavailable, Language, LanguageModel, Passage, ReplyChunk, ReplyRequest
from ml.understanding import emotion, stress
from ml.understanding.encoder import outputs_of

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 30.0
_lock = threading.Lock()
_pause = {"until": float("-inf")}


@lru_cache(maxsize=1)
def _build() -> LanguageModel:
    try:
        return build_language_model(EngineConfig.from_environ(os.environ))
    except ConfigurationError as error:
        raise EngineUnavailable(str(error)) from error


def language_model() -> LanguageModel:
    """This process's engine, built at first need; safe from several threads.

    Raises:
        EngineUnavailable: it cannot be built, or could not a moment ago: nobody waits for the next try to fail.
    """
    with _lock:
        if time.monotonic() < _pause["until"]:
            raise EngineUnavailable("the engine could not be built a moment ago")
        try:
            return _build()
        except EngineUnavailable as error:
            logger.error("the engine could not be built: %s", error)
            _pause["until"] = time.monotonic() + _PAUSE_SECONDS
            raise


@lru_cache(maxsize=1)
def companion() -> LanguageModel:
    """The embedded companion: speaks where risk is high and where another engine is away."""
    return build_language_model(EngineConfig(backend="companion"))


def read_emotion(text: str, language: Language) -> EmotionReading:
    """Emotion of one message."""
    return emotion.read(text, language)


def detect_topics(text: str, language: Language) -> tuple[str, ...]:
    """Topics of one message, in the names of the reply bank: by its words, else as the encoder reads them."""
    return topics.detect_topics(text, language) or stress.topics(text)


def use_library(library: Library) -> None:
    """Let questions of fact be answered from this library from now on: the one that staff reviewed."""
    retrieval.use_library(library)


def passages(text: str, language: Language) -> tuple[Passage, ...]:
    """What the library says on a question of fact; empty for every other message."""
    return answers.passages(text, language)


def sources(request: ReplyRequest, reply: str, entries: Sequence[str]) -> tuple[str, ...]:
    """Ids of the articles that a finished reply rests on."""
    return answers.sources(request, reply, entries)


def guarded(chunks: Iterator[ReplyChunk], request: ReplyRequest) -> Iterator[ReplyChunk]:
    """A reply, vetted sentence by sentence; what may not be said is replaced by the companion's own reply."""
    return guard.guarded(chunks, request, replacement=lambda: policy.replacement(companion(), request))


def broken_rules(chunk: ReplyChunk) -> tuple[str, ...]:
    """Ids of the guard rules that ended a reply; empty where none did."""
    return guard.broken_rules(chunk)


def sentence_vector(text: str) -> tuple[float, ...] | None:
    """The meaning of a short text as a vector of length 1, for both languages; None where the encoder is away."""
    try:
        return tuple(outputs_of(encoder.load(), text)["vector"].tolist())
    except encoder.EncoderError as error:
        logger.warning("no sentence vector: %s", error)
        return None


def encoder_name() -> str:
    """Version of the encoder, kept with its vectors; empty where it is away."""
    try:
        return encoder.load().name
    except encoder.EncoderError:
        return ""


def emotion_version() -> str:
    """Version of the emotion reader, stored with each message."""
    return emotion.VERSION


def close() -> None:
    """Free the engine of this process, if one was built."""
    with _lock:
        if _build.cache_info().currsize:
            _build().close()
            _build.cache_clear()


__all__ = [
    "broken_rules",
    "close",
    "companion",
    "detect_language",
    "detect_topics",
    "emotion_version",
    "encoder_name",
    "guarded",
    "language_model",
    "passages",
    "read_emotion",
    "sentence_vector",
    "sources",
    "use_library",
]
