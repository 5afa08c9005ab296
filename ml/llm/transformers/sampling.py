"""Chooses the next token of each row of a batch, every row by its own temperature, top-p and random stream."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

# Nucleus sampling looks at this many best tokens only: sorting a vocabulary of 150,000 at each step buys nothing.
CANDIDATES = 200
MAX_TEMPERATURE = 2.0


@dataclass(frozen=True, slots=True)
class Sampler:
    """How one request chooses. Temperature 0 is greedy; the same seed gives the same choices."""

    temperature: float
    top_p: float
    draws: random.Random = field(repr=False)

    @classmethod
    def build(cls, temperature: float, top_p: float, seed: int | None) -> Sampler:
        """Values outside the sensible are brought to its edge."""
        return cls(min(max(temperature, 0.0), MAX_TEMPERATURE), min(max(top_p, 1e-3), 1.0), random.Random(seed))


def choose(logits: Tensor, samplers: Sequence[Sampler]) -> list[int]:
    """Next token of each row. `logits`: shape [rows, vocabulary]."""
    if all(sampler.temperature == 0 for sampler in samplers):
        return _ints(logits.argmax(dim=-1))
    values, tokens = logits.float().topk(min(CANDIDATES, logits.shape[-1]), dim=-1)  # best first, [rows, candidates]

    def column(numbers: list[float]) -> Tensor:  # shape [rows, 1]
        return torch.tensor(numbers, device=logits.device, dtype=torch.float32)[:, None]

    heat = column([max(sampler.temperature, 1e-4) for sampler in samplers])
    top_p = column([sampler.top_p if sampler.temperature else 0.0 for sampler in samplers])
    draw = column([sampler.draws.random() for sampler in samplers])
    chances = torch.softmax(values / heat, dim=-1)
    before = chances.cumsum(dim=-1) - chances
    # Kept: tokens until their sum passes top-p (Holtzman 2020); the best one always.
    chances = torch.where((before < top_p) | (before == 0), chances, 0.0)
    reach = chances.cumsum(dim=-1)
    place = (reach <= draw * reach[:, -1:]).sum(dim=-1, keepdim=True).clamp(max=values.shape[-1] - 1)
    return _ints(tokens.gather(-1, place).squeeze(-1))


def _ints(row: Tensor) -> list[int]:
    return [int(value) for value in row.tolist()]
