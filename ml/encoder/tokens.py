"""What the encoder is fed: the message first, then the turns before it, newest kept. The same code trains and serves.

`[CLS] message [SEP] (speaker : turn [SEP])…`; token type 0 is the message, 1 the context. Only message tokens are
pooled, so the context colours the reading of the message and adds nothing of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from ml.encoder.gloss import gloss
from ml.text import normalise
from ml.text.characters import is_han
from ml.types import ChatTurn

MESSAGE_TOKENS = 96
TURN_TOKENS = 40
CONTEXT_TOKENS = 72
CONTEXT_TURNS = 4
# Longer text is read at both ends: people open and close with what matters, and time stays bounded.
CHARACTERS = 1_600
CLS, SEP, MASK = 101, 102, 103

Integers = npt.NDArray[np.int64]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids and types, and for each message token its span in the normalised message ((0, 0) for marks)."""

    ids: list[int]
    types: list[int]
    spans: list[tuple[int, int]]

    def feed(self) -> dict[str, Integers]:
        """Inputs of the session; each of shape [1, tokens]."""
        ids = np.array([self.ids], dtype=np.int64)
        return {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([self.types], dtype=np.int64),
        }


@cache
def load_tokenizer(path: Path) -> Tokenizer:
    """The WordPiece vocabulary, neither padding nor cutting.

    Raises:
        OSError, ValueError: the file is missing or is no tokenizer.
    """
    tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encode(tokenizer: Tokenizer, message: str, context: Sequence[ChatTurn] = ()) -> Tokens:
    """Tokens of a normalised message and of the raw turns before it, oldest first."""
    ids, spans = _read(tokenizer, message, MESSAGE_TOKENS)
    ids, spans = [CLS, *ids, SEP], [(0, 0), *spans, (0, 0)]
    before: list[int] = []
    for turn in list(context)[-CONTEXT_TURNS:]:
        speaker = "me :" if turn.role == "user" else "you :"
        said, _ = _read(tokenizer, normalise(_both_ends(turn.text)).text, TURN_TOKENS)
        before += [*tokenizer.encode(speaker, add_special_tokens=False).ids, *said, SEP]
    before = before[-CONTEXT_TOKENS:]
    return Tokens(ids + before, [0] * len(ids) + [1] * len(before), spans)


def _read(tokenizer: Tokenizer, text: str, most: int) -> tuple[list[int], list[tuple[int, int]]]:
    """At most `most` ids, from both ends, with their spans in `text`."""
    offset = 0
    if len(text) > CHARACTERS:
        offset = len(text) - CHARACTERS // 2
        head, tail = text[: CHARACTERS // 2], text[offset:]
        first, last = _read(tokenizer, head, most), _read(tokenizer, tail, most)
        ids = _ends(first[0] + last[0], most)
        return ids, _ends(first[1] + [(start + offset, end + offset) for start, end in last[1]], most)
    readable = text.encode("utf-8", "replace").decode("utf-8")
    if any(map(is_han, readable)):
        glossed = gloss(readable)
        found = tokenizer.encode(glossed.text, add_special_tokens=False)
        spans = [(glossed.starts[start], glossed.ends[max(end - 1, start)]) for start, end in found.offsets]
    else:
        found = tokenizer.encode(readable, add_special_tokens=False)
        spans = list(found.offsets)
    return _ends(found.ids, most), _ends(spans, most)


def _ends(items: list[_T], most: int) -> list[_T]:
    """The first and the last half where there are too many."""
    return items if len(items) <= most else items[: most // 2] + items[-(most - most // 2) :]


def _both_ends(text: str) -> str:
    return text if len(text) <= CHARACTERS else text[: CHARACTERS // 2] + " " + text[-CHARACTERS // 2 :]
