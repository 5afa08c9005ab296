"""`LanguageModel` on transformers: one model per process, any number of threads, streamed, cancelled by the token."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator

import torch

from ml.config import EngineConfig
from ml.llm.prompts import PROMPT_VERSION
from ml.llm.transformers.fitting import PromptFitter
from ml.llm.transformers.jobs import Ending, Job, TextStream
from ml.llm.transformers.loading import load_model
from ml.llm.transformers.loop import DecodeLoop
from ml.llm.transformers.sampling import Sampler
from ml.llm.transformers.switching import AdapterWatch
from ml.types import (
    ChatTurn,
    EngineInfo,
    EngineTimeout,
    EngineUnavailable,
    FinishReason,
    ReplyChunk,
    ReplyRequest,
)

MAX_TOKENS = 2048
POLL_SECONDS = 0.05
REBUILD_PAUSE = 5.0
WARM_UP_SECONDS = 120.0


class TransformersEngine:
    """Loads the model at once and warms it up; after a fatal error the next request loads it again.

    Raises:
        EngineUnavailable: the model cannot be loaded.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._is_closed = False
        self._failed_at = float("-inf")
        self._watch = AdapterWatch(config.adapter_registry)
        self._loop: DecodeLoop | None = None  # None while the model could not be loaded again
        self._build()

    def info(self) -> EngineInfo:
        """The model as it was named in the settings, and the adapter that new requests get."""
        adapter = self._loop.adapter if self._loop is not None else self._config.adapter
        return EngineInfo("transformers", self._config.model, adapter, PROMPT_VERSION)

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        """See `LanguageModel`. `is_cancelled` is asked at each token; errors are raised at the first `next`.

        Raises:
            PromptTooLong: the rules and the last message alone do not fit; nothing was sent to the model.
        """
        deadline = time.monotonic() + request.deadline_seconds
        loop, fitter = self._ready(deadline)
        limit = max(1, min(request.max_tokens, MAX_TOKENS, fitter.context // 2))
        prompt = fitter.fit(request, limit)
        job = Job(prompt, limit, Sampler.build(request.temperature, request.top_p, request.seed))
        text = TextStream(fitter.tokenizer, fitter.stop_strings)
        loop.submit(job)
        try:
            yield from _chunks(job, text, is_cancelled, deadline)
        finally:
            # Also when the caller walks away: the row is freed before the next step.
            job.is_abandoned = True

    def close(self) -> None:
        """End the loop; requests in flight fail with `EngineUnavailable`."""
        with self._lock:
            self._is_closed = True
            if self._loop is not None:
                self._loop.close()

    def _ready(self, deadline: float) -> tuple[DecodeLoop, PromptFitter]:
        """The loop, built anew where the last one died. Others wait for that no longer than their own deadline."""
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise EngineTimeout("the engine is still loading")
        try:
            if self._is_closed:
                raise EngineUnavailable("the engine is closed")
            if self._loop is None or not self._loop.is_alive:
                self._loop = self._rebuild()
            change = self._watch.change()
            if change is not None:
                self._loop.exchange(change)
            return self._loop, self._fitter
        finally:
            self._lock.release()

    def _rebuild(self) -> DecodeLoop:
        if time.monotonic() - self._failed_at < REBUILD_PAUSE:
            raise EngineUnavailable("the engine failed a moment ago and is not loaded again yet")
        self._failed_at = time.monotonic()
        # The dead loop holds the model: there is not always room for two.
        self._loop = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return self._build()

    def _build(self) -> DecodeLoop:
        loaded = self._watch.first(load_model(self._config))
        self._fitter = PromptFitter(loaded.tokenizer, loaded.context)
        loop = DecodeLoop(loaded, self._config.max_concurrent, self._fitter.shared_prefixes())
        try:
            self._warm_up(loop)
        except EngineUnavailable:
            loop.close(seconds=0.0)
            raise
        self._loop = loop
        return loop

    def _warm_up(self, loop: DecodeLoop) -> None:
        """Decode two tokens, so that the first person does not wait for lazy set-up; a broken model shows here."""
        request = ReplyRequest("warm-up", "en", (ChatTurn("user", "Hello"),), deadline_seconds=WARM_UP_SECONDS)
        job = Job(self._fitter.fit(request, 2), 2, Sampler.build(0.0, 1.0, 0))
        loop.submit(job)
        deadline = time.monotonic() + WARM_UP_SECONDS
        while time.monotonic() < deadline:
            for event in job.take(POLL_SECONDS):
                if event == "failed":
                    raise EngineUnavailable(f"the model {self._config.model} loads but cannot decode")
                if not isinstance(event, int):
                    return
        raise EngineUnavailable(f"the model {self._config.model} decoded nothing in {WARM_UP_SECONDS:.0f} s")


def _chunks(job: Job, text: TextStream, is_cancelled: Callable[[], bool], deadline: float) -> Iterator[ReplyChunk]:
    """Text as it comes, then one last chunk with `finish`."""
    made = 0
    while True:
        if is_cancelled():
            yield _last("", "cancelled", job, made)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            if not made:
                raise EngineTimeout("the deadline passed before the first word")
            yield _last(text.finish(), "deadline", job, made)
            return
        tokens, ending = _split(job.take(min(left, POLL_SECONDS)))
        made += len(tokens)
        fresh = text.feed(tokens) if tokens else ""
        if text.is_stopped:
            yield _last(fresh, "stop", job, made)
            return
        if ending == "failed":
            raise EngineUnavailable("the engine failed in mid-reply")
        if ending:
            yield _last(fresh + text.finish(), ending, job, made)
            return
        if fresh:
            yield ReplyChunk(fresh, tokens=made)


def _split(events: list[int | Ending]) -> tuple[list[int], Ending | None]:
    tokens = [event for event in events if isinstance(event, int)]
    ending = events[-1] if events and not isinstance(events[-1], int) else None
    return tokens, ending


def _last(text: str, finish: FinishReason, job: Job, tokens: int) -> ReplyChunk:
    return ReplyChunk(text, finish, tokens=tokens, adapter=job.adapter)
