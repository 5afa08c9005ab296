"""Several replies at once, one is said: the guard vetoes, the ranker chooses, the companion's own reply is one of them.

Only for LLM_CANDIDATES above 1: a person then waits for the whole of the slowest candidate that is still in time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ml.llm.guard import check
from ml.llm.guard.stream import END, allowed_numbers
from ml.llm.ranking import rank
from ml.types import EngineError, EngineInfo, LanguageModel, PromptTooLong, ReplyChunk, ReplyRequest

# Of the request's own deadline: what is not written by then is not waited for.
SHARE_OF_DEADLINE = 0.4
SEED_STRIDE = 7919
POLL_SECONDS = 0.02


@dataclass(slots=True)
class _Candidate:
    """One reply on its way: written by a thread, read by the asker once `is_done`."""

    text: str = ""
    last: ReplyChunk | None = None
    error: EngineError | None = None
    is_done: threading.Event = field(default_factory=threading.Event)


class Chooser:
    """A language model that asks another one `count` times at once, and the companion once."""

    def __init__(self, engine: LanguageModel, companion: LanguageModel, count: int) -> None:
        self._engine, self._companion, self._count = engine, companion, count

    def info(self) -> EngineInfo:
        """That of the engine; where the companion's reply was chosen, the last chunk names bank entries."""
        return self._engine.info()

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        """The chosen reply, sentence by sentence.

        Raises:
            EngineError: every candidate of the engine failed; the companion then speaks by the usual way.
        """
        over = threading.Event()
        candidates = [_Candidate() for _ in range(self._count)]
        try:
            for number, candidate in enumerate(candidates):
                self._begin(candidate, _varied(request, number), over)
            if not _await(candidates, request.deadline_seconds * SHARE_OF_DEADLINE, is_cancelled):
                yield ReplyChunk("", "cancelled")
                return
        finally:
            over.set()
        yield from _told(self._best(candidates, request))

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()

    def _begin(self, candidate: _Candidate, request: ReplyRequest, over: threading.Event) -> None:
        def write() -> None:
            try:
                for chunk in self._engine.stream(request, over.is_set):
                    candidate.text += chunk.text
                    candidate.last = chunk if chunk.finish else candidate.last
            except EngineError as error:
                candidate.error = error
            finally:
                candidate.is_done.set()

        threading.Thread(target=write, name="candidate", daemon=True).start()

    def _best(self, candidates: list[_Candidate], request: ReplyRequest) -> tuple[str, ReplyChunk]:
        ready = [
            (one.text, one.last)
            for one in candidates
            if one.last is not None and one.last.finish not in ("cancelled", "deadline") and one.text.strip()
        ]
        errors = [one.error for one in candidates if one.error is not None]
        if not ready and errors:
            # A prompt that is too long is so for all of them; others are told as they came.
            raise next((error for error in errors if isinstance(error, PromptTooLong)), errors[0])
        ready.append(_whole(self._companion, request))
        allowed = [one for one in ready if _may_be_said(one[0], request)]
        # Where nothing may be said, the guard behind us replaces it.
        replies = allowed or ready[-1:]
        return replies[rank([text for text, _ in replies], request)[0]]


def _varied(request: ReplyRequest, number: int) -> ReplyRequest:
    """The request with another seed; the first candidate keeps its own."""
    if request.seed is None or number == 0:
        return request
    return replace(request, seed=request.seed + SEED_STRIDE * number)


def _await(candidates: list[_Candidate], seconds: float, is_cancelled: Callable[[], bool]) -> bool:
    """Wait for all, at most `seconds` once one is there; False where the person no longer wants a reply."""
    soft = time.monotonic() + seconds
    while not all(one.is_done.is_set() for one in candidates):
        if is_cancelled():
            return False
        if time.monotonic() > soft and any(one.is_done.is_set() and one.error is None for one in candidates):
            return True
        time.sleep(POLL_SECONDS)
    return True


def _may_be_said(text: str, request: ReplyRequest) -> bool:
    verdict = check(text, language=request.language, risk=request.risk, allowed_numbers=allowed_numbers(request))
    return verdict.is_allowed


def _whole(companion: LanguageModel, request: ReplyRequest) -> tuple[str, ReplyChunk]:
    chunks = list(companion.stream(request, lambda: False))
    return "".join(chunk.text for chunk in chunks), chunks[-1]


def _told(chosen: tuple[str, ReplyChunk]) -> Iterator[ReplyChunk]:
    text, last = chosen
    start = 0
    for match in END.finditer(text):
        yield ReplyChunk(text[start : match.end()])
        start = match.end()
    yield replace(last, text=text[start:])
