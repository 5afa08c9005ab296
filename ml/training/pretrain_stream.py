"""Documents to packed windows of tokens: every window is full, the shares of the sources are those of the table."""

from __future__ import annotations

import hashlib
import itertools
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from ml.llm.prompts import PERSON_CLOSE, PERSON_OPEN, build_messages
from ml.llm.transformers.fitting import PromptFitter
from ml.training.lora_data import MASKED, TrainingError
from ml.training.pretrain_sources import Document, Source, read_documents
from ml.training.small_base import build_tokenizer
from ml.types import Language, ReplyRequest

MOST_REPEATS = 4  # of a source that is smaller than its share
TOKENIZER_CHARACTERS = 6_000_000
HELD_WINDOWS = 24  # of each language


@dataclass(slots=True)
class Stream:
    """Tokens end to end, and which of them are learned."""

    ids: array[int] = field(default_factory=lambda: array("H"))
    learned: bytearray = field(default_factory=bytearray)

    def add(self, ids: Sequence[int], masked: int = 0) -> None:
        """One document; its first `masked` tokens are read and not learned."""
        self.ids.extend(ids)
        self.learned.extend(b"\0" * masked + b"\1" * (len(ids) - masked))

    def windows(self, width: int) -> Tensor:
        """Shape [windows, 2, width]: ids and labels; the rest that fills no window is dropped."""
        count = len(self.ids) // width
        ids = torch.tensor(self.ids[: count * width], dtype=torch.int32).view(count, width)
        learned = torch.frombuffer(self.learned, dtype=torch.uint8)[: count * width].view(count, width).bool()
        return torch.stack([ids, ids.masked_fill(~learned, MASKED)], dim=1)


@dataclass(frozen=True, slots=True)
class PackedCorpus:
    """Windows in training order, held-out windows by language, and the tokens that each source gave."""

    train: Tensor
    held: dict[Language, Tensor]
    tokens: dict[str, int]


class Packer:
    """Encodes documents as the engine would show them to the model."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, rules_share: float) -> None:
        self._fitter = PromptFitter(tokenizer, context=1 << 20)
        self._end = int(tokenizer.pad_token_id)
        self._rules_share = rules_share

    def encode(self, document: Document) -> tuple[list[int], int]:
        """Token ids, and how many of the first are not to be learned (the rules, where they are shown)."""
        if document.text:
            return [*self._fitter.tokenizer.encode(document.text, add_special_tokens=False), self._end], 0
        messages = build_messages(ReplyRequest(document.id, document.language, document.turns))
        rules = self._fitter.encode(messages[:1], False) if self._shows_rules(document) else []
        return [*rules, *self._fitter.encode(messages[1:], False), self._end], len(rules)

    def _shows_rules(self, document: Document) -> bool:
        """A stable choice by id: in most dialogues the rules would only cost time."""
        return hashlib.sha256(f"rules {document.id}".encode()).digest()[0] / 256 < self._rules_share


def train_tokenizer(sources: Sequence[Source], data: Path, vocabulary: int) -> PreTrainedTokenizerFast:
    """BPE over as much of each source as its share says; held-out documents are not looked at."""

    def texts() -> Iterator[str]:
        yield PERSON_OPEN + PERSON_CLOSE
        for source in sources:
            left = int(source.share * TOKENIZER_CHARACTERS)
            for document in read_documents(source, data):
                if not document.is_held_out:
                    text = document.text or "\n".join(turn.text for turn in document.turns)
                    left -= len(text)
                    yield text
                if left < 0:
                    break

    return build_tokenizer(texts(), vocabulary)


def pack(sources: Sequence[Source], data: Path, packer: Packer, *, budget: int, window: int, seed: int) -> PackedCorpus:
    """Read every source up to its share of `budget` tokens, and shuffle the windows.

    Raises:
        TrainingError: there is too little text for a window of training and one held out.
    """
    whole, held = Stream(), {language: Stream() for language in {source.language for source in sources}}
    tokens: dict[str, int] = {}
    for source in sources:
        before = len(whole.ids)
        _read(source, data, packer, budget=int(source.share * budget), into=whole, held=held[source.language])
        tokens[source.name] = len(whole.ids) - before
    windows = whole.windows(window)
    kept = {language: stream.windows(window)[:HELD_WINDOWS] for language, stream in held.items()}
    if not len(windows) or not any(len(one) for one in kept.values()):
        raise TrainingError(f"too little text for windows of {window} tokens, or for a held-out part")
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(seed))
    return PackedCorpus(windows[order], {name: one for name, one in kept.items() if len(one)}, tokens)


def _read(source: Source, data: Path, packer: Packer, *, budget: int, into: Stream, held: Stream) -> None:
    """Tokens of one source; a small source is repeated, and a large one is not read to its end."""
    encoded: list[tuple[list[int], int]] = []
    size = 0
    for document in read_documents(source, data):
        if document.is_held_out:
            held.add(*packer.encode(document))
        elif size < budget:
            encoded.append(packer.encode(document))
            size += len(encoded[-1][0])
        elif len(held.ids) > HELD_WINDOWS * 1024:
            break
    random.Random(source.file).shuffle(encoded)
    left = budget
    for ids, masked in itertools.chain.from_iterable(itertools.repeat(encoded, MOST_REPEATS)):
        if left <= 0:
            return
        into.add(ids, masked)
        left -= len(ids)
