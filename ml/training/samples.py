"""Replies that nobody picked: fixed messages, fixed seeds, written down as they come, before any guard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ml.config import EngineConfig
from ml.llm.transformers.engine import TransformersEngine
from ml.types import ChatTurn, Language, ReplyRequest

SEEDS = (1, 2)
MOST_TOKENS = 90
MESSAGES: tuple[tuple[Language, str], ...] = (
    ("en", "I can't sleep. I keep thinking about the exam next week."),
    ("en", "My sister hasn't spoken to me since the funeral."),
    ("en", "Work is fine, I guess. I just feel flat."),
    ("en", "Are you a real person?"),
    ("en", "How do I tell my boss that it is too much?"),
    ("zh", "最近总是睡不着，一直在想下周的考试。"),
    ("zh", "奶奶走了以后，妈妈一直不怎么说话。"),
    ("zh", "工作还行吧，就是提不起劲。"),
    ("zh", "你是真人吗？"),
    ("zh", "我不知道怎么跟男朋友说我想一个人静静。"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was written to a message, with which seed."""

    message: str
    seed: int
    reply: str


def write_samples(model: str, adapter: str = "", bits: int = 16, device: str = "auto") -> list[Sample]:
    """Each fixed message with each fixed seed, by the engine as it is deployed."""
    config = EngineConfig(backend="transformers", model=model, adapter=adapter, bits=bits, device=device)
    engine = TransformersEngine(config)
    try:
        return list(_samples(engine))
    finally:
        engine.close()


def as_markdown(samples: list[Sample]) -> str:
    """A section for a card."""
    rows = "".join(f"- **{one.message}** (seed {one.seed})\n  {_line(one.reply)}\n" for one in samples)
    return f"## Samples, not picked\n\nFixed messages and seeds, before the guard.\n\n{rows}"


def _samples(engine: TransformersEngine) -> Iterator[Sample]:
    for language, message in MESSAGES:
        for seed in SEEDS:
            request = ReplyRequest(
                f"sample-{seed}", language, (ChatTurn("user", message),), max_tokens=MOST_TOKENS, seed=seed
            )
            reply = "".join(chunk.text for chunk in engine.stream(request, lambda: False))
            yield Sample(message, seed, reply)


def _line(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;") or "(nothing)"
