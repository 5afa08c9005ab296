"""Who may speak, and how: the constrained path from high risk on, any engine below it, the guard over both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ml.llm.guard import guarded
from ml.types import LanguageModel, ReplyChunk, ReplyRequest, RiskLevel


def is_constrained(request: ReplyRequest) -> bool:
    """True where only vetted lines may be said."""
    return request.risk >= RiskLevel.HIGH


def speak(
    engine: LanguageModel, companion: LanguageModel, request: ReplyRequest, is_cancelled: Callable[[], bool]
) -> Iterator[ReplyChunk]:
    """Stream a reply that was vetted sentence by sentence; from high risk on the companion speaks in any case."""
    speaker = companion if is_constrained(request) else engine
    chunks = speaker.stream(request, is_cancelled)
    return guarded(chunks, request, replacement=lambda: replacement(companion, request))


def replacement(companion: LanguageModel, request: ReplyRequest) -> str:
    """What the companion would say in place of a refused text; another seed, so never the refused words again."""
    other = replace(request, seed=(request.seed or 0) + 1)
    return "".join(chunk.text for chunk in companion.stream(other, lambda: False))
