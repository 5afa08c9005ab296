"""Which words drove the encoder: hide one stretch of the message after another and see how far the score falls."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ml.encoder.session import Session, Vector
from ml.encoder.tokens import MASK, Tokens, encode
from ml.risk.reading import Reading
from ml.types import RiskLevel

# As many stretches as one message is cut into: more would be finer and slower.
STRETCHES = 5
_SHORTEST = 3
_MOST_SPANS = 2
# Less than this fall of the log-odds is noise, and no explanation.
_LEAST_FALL = 0.15


@dataclass(frozen=True, slots=True)
class Driver:
    """A span of the normalised message, and how far the log-odds fell without it."""

    start: int
    end: int
    fall: float


def drivers(reading: Reading, encoder: Session, level: RiskLevel, whole_scores: Vector) -> list[Driver]:
    """The stretches that raised the head of `level` most, strongest first; the whole message where none stands out.

    `whole_scores`: the level logits of the whole message, shape (4,).
    """
    tokens = encode(encoder.tokenizer, reading.message.text, reading.context)
    words = [place for place, span in enumerate(tokens.spans) if span[1] > span[0]]
    whole = Driver(0, len(reading.message.text), 0.0)
    if len(words) <= _SHORTEST:
        return [whole]
    size = max(_SHORTEST, math.ceil(len(words) / STRETCHES))
    stretches = [words[begin : begin + size] for begin in range(0, len(words), size)]
    head = max(level, RiskLevel.LOW) - 1
    falls = whole_scores[head] - encoder.levels([_hidden(tokens, stretch) for stretch in stretches])[:, head]
    found = []
    for place in np.argsort(-falls)[:_MOST_SPANS]:
        if falls[place] >= _LEAST_FALL:
            spans = [tokens.spans[word] for word in stretches[int(place)]]
            found.append(Driver(min(s for s, _ in spans), max(e for _, e in spans), float(falls[place])))
    return found or [whole]


def _hidden(tokens: Tokens, places: list[int]) -> Tokens:
    hidden = set(places)
    ids = [MASK if place in hidden else token for place, token in enumerate(tokens.ids)]
    return Tokens(ids, tokens.types, tokens.spans)
