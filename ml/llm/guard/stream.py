"""Guards a stream: a sentence leaves only once it, and the reply with it, was vetted; else a replacement ends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ml.llm.guard.check import check
from ml.types import FinishReason, Language, ReplyChunk, ReplyRequest

PREFIX = "guard:"
END = re.compile(r"[.!?](?=\s)[\"”')]*\s|[。！？；…]+[」』”’）]*|\n")
# A sentence that never ends is vetted piece by piece, so that a person does not wait for ever.
LONGEST_WAIT = 240
# Said if even the replacement were refused: names nothing and promises nothing.
FALLBACK: dict[Language, str] = {"en": "I'm here, and I'd like to hear more.", "zh": "我在，你可以再多说一点。"}


@dataclass(slots=True)
class _Gate:
    """What has left, what waits, and the rules that objected."""

    request: ReplyRequest
    allowed: frozenset[str]
    shown: str = ""
    waiting: str = ""
    broken: tuple[str, ...] = ()
    tokens: int = field(default=0)

    def ready(self, *, is_last: bool) -> str:
        """Cut whole sentences off the front of what waits."""
        ends = [match.end() for match in END.finditer(self.waiting)]
        cut = len(self.waiting) if is_last or len(self.waiting) > LONGEST_WAIT else ends[-1] if ends else 0
        piece, self.waiting = self.waiting[:cut], self.waiting[cut:]
        return piece

    def passes(self, piece: str) -> bool:
        """Vet a piece together with all that was shown before it."""
        self.broken = _verdict(self.shown + piece, self.request, self.allowed)
        if not self.broken:
            self.shown += piece
        return not self.broken


def guarded(
    chunks: Iterator[ReplyChunk], request: ReplyRequest, *, replacement: Callable[[], str]
) -> Iterator[ReplyChunk]:
    """Pass a reply on sentence by sentence; at the first objection end it with `replacement()` and finish "guard".

    The last chunk then names the rules in `entries`; `broken_rules` reads them.
    """
    gate = _Gate(request, allowed_numbers(request))
    for chunk in chunks:
        gate.waiting += chunk.text
        gate.tokens += chunk.tokens
        piece = gate.ready(is_last=chunk.finish is not None)
        if piece and not gate.passes(piece):
            yield _replaced(gate, replacement)
            return
        if chunk.finish is not None:
            yield _with_text(chunk, piece)
            return
        if piece:
            yield ReplyChunk(text=piece, tokens=gate.tokens)
            gate.tokens = 0
    piece = gate.ready(is_last=True)
    yield _with_text(ReplyChunk("", "length"), piece) if gate.passes(piece) else _replaced(gate, replacement)


def broken_rules(chunk: ReplyChunk) -> tuple[str, ...]:
    """Ids of the rules that ended a reply; empty where none did."""
    if chunk.finish != "guard":
        return ()
    return tuple(entry.removeprefix(PREFIX) for entry in chunk.entries if entry.startswith(PREFIX))


def allowed_numbers(request: ReplyRequest) -> frozenset[str]:
    """What of the hotline table a reply to this request may name."""
    return frozenset(item for item in (request.crisis_line, request.emergency_number) if item)


def _verdict(text: str, request: ReplyRequest, allowed: frozenset[str]) -> tuple[str, ...]:
    return check(text, language=request.language, risk=request.risk, allowed_numbers=allowed).rules


def _with_text(chunk: ReplyChunk, text: str) -> ReplyChunk:
    return replace(chunk, text=text)


def _replaced(gate: _Gate, replacement: Callable[[], str]) -> ReplyChunk:
    """The replacement, vetted too; after what was already shown it begins a new line."""
    text = replacement()
    if not text or _verdict(text, gate.request, gate.allowed):
        text = FALLBACK[gate.request.language]
    finish: FinishReason = "guard"
    lead = "\n\n" if gate.shown else ""
    return ReplyChunk(
        text=lead + text, finish=finish, strategy="boundary", entries=tuple(PREFIX + r for r in gate.broken)
    )
