"""`LanguageModel` over any OpenAI-compatible server (vLLM, TGI, llama.cpp): one retry, deadlines, a circuit breaker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ml.config import EngineConfig
from ml.llm.openai_http import Failure, Piece, StreamedCall
from ml.llm.prompts import PERSON_OPEN, PROMPT_VERSION, build_messages, keep_recent
from ml.types import (
    EngineError,
    EngineInfo,
    EngineTimeout,
    EngineUnavailable,
    FinishReason,
    PromptTooLong,
    ReplyChunk,
    ReplyRequest,
)

POLL_SECONDS = 0.05
ATTEMPTS = 2
MAX_TOKENS = 2048
FINISHES: dict[str, FinishReason] = {"stop": "stop", "length": "length", "content_filter": "guard"}


class Breaker:
    """After `limit` failures in a row nobody asks for `pause` seconds; then one caller tries for all."""

    def __init__(self, limit: int = 3, pause: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause, self._clock = limit, pause, clock
        self._failures = 0
        self._open_until = float("-inf")
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """True where a call may go out. Asking while open after the pause makes the asker the one who tries."""
        with self._lock:
            if self._failures < self._limit:
                return True
            if self._clock() < self._open_until:
                return False
            self._open_until = self._clock() + self._pause
            return True

    def succeeded(self) -> None:
        """Close it."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Count a failure; at the limit it opens."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._open_until = self._clock() + self._pause


class OpenAIEngine:
    """Needs no start: the first request finds out whether the server is there."""

    def __init__(self, config: EngineConfig, breaker: Breaker | None = None) -> None:
        self._config = config
        self._breaker = breaker or Breaker()
        self._is_closed = False

    def info(self) -> EngineInfo:
        """The model by the server's name for it; an adapter is a model of its own there."""
        return EngineInfo("openai", self._config.model, "", PROMPT_VERSION)

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        """See `LanguageModel`; errors are raised at `next`, also in mid-reply where the server goes away.

        Raises:
            PromptTooLong: the server refused the request as too large.
        """
        deadline = time.monotonic() + request.deadline_seconds
        payload = self._payload(request)
        for attempt in range(1, ATTEMPTS + 1):
            if self._is_closed:
                raise EngineUnavailable("the engine is closed")
            if not self._breaker.admits():
                raise EngineUnavailable("the model server failed several times and is left alone for a moment")
            reply = _Reply(StreamedCall(self._config, payload), self._breaker, deadline, self._config.read_timeout)
            try:
                yield from reply.chunks(is_cancelled)
                return
            except _TryAgain as error:
                if attempt == ATTEMPTS:
                    raise EngineUnavailable(str(error)) from error

    def close(self) -> None:
        """Refuse further requests; those in flight come to their end."""
        self._is_closed = True

    def _payload(self, request: ReplyRequest) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "model": self._config.model,
            "messages": keep_recent(build_messages(request), self._config.max_context - request.max_tokens),
            "stream": True,
            "max_tokens": max(1, min(request.max_tokens, MAX_TOKENS)),
            "temperature": max(0.0, min(request.temperature, 2.0)),
            "top_p": max(1e-3, min(request.top_p, 1.0)),
            "stop": [PERSON_OPEN],
        }
        if request.seed is not None:
            payload["seed"] = request.seed
        return payload


class _TryAgain(EngineError):
    """Failed before the first word, in a way that may pass."""


class _Reply:
    """One attempt at one reply."""

    def __init__(self, call: StreamedCall, breaker: Breaker, deadline: float, silence: float) -> None:
        self._call, self._breaker = call, breaker
        self._deadline, self._silence = deadline, silence
        self._made = 0

    def chunks(self, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        """Chunks up to the one with `finish`; hangs up whatever happens."""
        heard = time.monotonic()
        try:
            while True:
                ending = self._ending(is_cancelled)
                if ending:
                    yield ReplyChunk("", ending, tokens=self._made)
                    return
                event = self._call.take(min(POLL_SECONDS, self._deadline - time.monotonic()))
                if event is None and time.monotonic() - heard > self._silence:
                    event = Failure("the server fell silent")
                if isinstance(event, Failure):
                    self._fail(event)
                if isinstance(event, Piece):
                    heard = time.monotonic()
                    yield from self._told(event)
                    if event.finish:
                        return
        finally:
            self._call.close()

    def _told(self, piece: Piece) -> Iterator[ReplyChunk]:
        finish = FINISHES.get(piece.finish, "stop") if piece.finish else None
        if piece.text:
            self._made += 1  # servers send a token at a time; an exact count would need their tokenizer
        if self._made or finish:
            self._breaker.succeeded()
        if piece.text or finish:
            yield ReplyChunk(piece.text, finish, tokens=self._made)

    def _ending(self, is_cancelled: Callable[[], bool]) -> FinishReason | None:
        if is_cancelled():
            return "cancelled"
        if time.monotonic() < self._deadline:
            return None
        if not self._made:
            self._breaker.failed()
            raise EngineTimeout("the deadline passed before the first word")
        return "deadline"

    def _fail(self, failure: Failure) -> None:
        if failure.status == 413:
            raise PromptTooLong("the model server refused the prompt as too large")
        self._breaker.failed()
        if self._made or failure.is_permanent:
            raise EngineUnavailable(failure.reason)
        raise _TryAgain(failure.reason)
