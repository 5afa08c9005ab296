"""Runs the model forward for the requests in flight: one shared batch where its memory allows, else one by one."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Collection, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from ml.llm.transformers.slots import KeyValues, SlotCache


class Lane(Protocol):
    """Requests in flight are rows 0 … n-1; each call gives the logits of the next token, shape [rows, vocabulary]."""

    def remember(self, prefix: Sequence[int]) -> None:
        """Read a beginning that many prompts share, once. Only fixed text: never words of a person (LM-05)."""

    def join(self, prompts: Sequence[Sequence[int]]) -> Tensor:
        """Read new prompts; the logits are those of the new rows, which come after all others."""

    def step(self, tokens: Sequence[int]) -> Tensor:
        """Read one more token of every row."""

    def leave(self, row: int) -> None:
        """Forget a row; the last row takes its number."""


class BatchLane:
    """All rows in one forward pass over a `SlotCache`: the weights are read once for everybody."""

    def __init__(self, model: Any, device: torch.device) -> None:
        self.model, self.device = model, device
        self.cache: SlotCache | None = None
        self.last_only = _last_only(model)
        self.prefixes: list[tuple[list[int], KeyValues]] = []
        # A sliding window counts columns, and the padding behind a shared prefix would count too.
        self.can_share = not any(isinstance(layer, DynamicSlidingWindowLayer) for layer in _layers(model))

    def remember(self, prefix: Sequence[int]) -> None:
        """Keep the keys and values of a beginning; models with sliding windows read it each time."""
        if prefix and self.can_share:
            cache = DynamicCache()
            ids = torch.tensor([list(prefix)], device=self.device)
            self._forward(ids, torch.ones_like(ids), torch.arange(len(prefix), device=self.device)[None], cache)
            self.prefixes.append((list(prefix), _keys_and_values(cache)))

    def join(self, prompts: Sequence[Sequence[int]]) -> Tensor:
        """One prefill for each run of prompts with the same remembered beginning."""
        groups = itertools.groupby(prompts, self._remembered)
        return torch.cat([self._prefill(list(group), number) for number, group in groups])

    def _remembered(self, prompt: Sequence[int]) -> int:
        """Number of the prefix that `prompt` begins with; -1 for none."""
        fits = (
            number
            for number, (prefix, _) in enumerate(self.prefixes)
            if len(prefix) < len(prompt) and list(prompt[: len(prefix)]) == prefix
        )
        return next(fits, -1)

    def _prefill(self, prompts: Sequence[Sequence[int]], number: int) -> Tensor:
        """Read what follows the prefix, left-padded to the longest, and move it all to the shared memory."""
        prefix, known = self.prefixes[number] if number >= 0 else ([], [])
        start, lengths = len(prefix), [len(prompt) for prompt in prompts]
        width = max(lengths) - start
        rests = [list(prompt[start:]) for prompt in prompts]
        ids = torch.tensor([[0] * (width - len(rest)) + rest for rest in rests], device=self.device)
        columns = torch.arange(width, device=self.device)
        pads = torch.tensor([[width - len(rest)] for rest in rests], device=self.device)
        mask = torch.cat([ids.new_ones(len(prompts), start), (columns >= pads).long()], dim=1)  # [new, start + width]
        prefilled = _filled(known, len(prompts))
        logits = self._forward(ids, mask, start + (columns - pads).clamp(min=0), prefilled)
        memory = _keys_and_values(prefilled)
        if self.cache is None:
            self.cache = SlotCache(memory)
        self.cache.join(memory, lengths, start)
        return logits

    def step(self, tokens: Sequence[int]) -> Tensor:
        """One token of each row."""
        cache = self._cache()
        ids = torch.tensor([[token] for token in tokens], device=self.device)
        logits = self._forward(ids, cache.mask(self.device), cache.positions(self.device), cache)
        cache.advance()
        return logits

    def leave(self, row: int) -> None:
        """Wipe the row's memory."""
        self._cache().leave(row)

    def _cache(self) -> SlotCache:
        if self.cache is None:
            raise RuntimeError("no row has joined yet")
        return self.cache

    def _forward(self, ids: Tensor, mask: Tensor, positions: Tensor, cache: Cache) -> Tensor:
        out = self.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            **self.last_only,
        )
        logits: Tensor = out.logits[:, -1]
        return logits


class SoloLane:
    """Each row alone with its own cache: for models whose memory is not plain keys and values (state-space layers)."""

    def __init__(self, model: Any, device: torch.device) -> None:
        self.model, self.device = model, device
        self.caches: list[Cache] = []
        self.last_only = _last_only(model)
        self.cache_name = "cache_params" if "cache_params" in _accepts(model) else "past_key_values"

    def remember(self, prefix: Sequence[int]) -> None:
        """Nothing is shared: such a memory cannot be copied in part."""

    def join(self, prompts: Sequence[Sequence[int]]) -> Tensor:
        """Prefill one after the other."""
        new = [DynamicCache(config=self.model.config) for _ in prompts]
        logits = torch.cat([self._forward(prompt, cache) for prompt, cache in zip(prompts, new, strict=True)])
        self.caches += new
        return logits

    def step(self, tokens: Sequence[int]) -> Tensor:
        """One token of each row, row after row."""
        return torch.cat([self._forward([token], cache) for token, cache in zip(tokens, self.caches, strict=True)])

    def leave(self, row: int) -> None:
        """Drop the row's cache."""
        self.caches[row] = self.caches[-1]
        self.caches.pop()

    def _forward(self, tokens: Sequence[int], cache: Cache) -> Tensor:
        ids = torch.tensor([list(tokens)], device=self.device)
        out = self.model(input_ids=ids, use_cache=True, **{self.cache_name: cache}, **self.last_only)
        logits: Tensor = out.logits[:, -1]
        return logits


def build_lane(model: Any, device: torch.device) -> Lane:
    """The shared batch for models with plain attention memory, the solo lane for all others."""
    plain = (DynamicLayer, DynamicSlidingWindowLayer)
    layers = _layers(model)
    if layers and "position_ids" in _accepts(model) and all(type(layer) in plain for layer in layers):
        return BatchLane(model, device)
    return SoloLane(model, device)


def _layers(model: Any) -> list[Any]:
    return list(DynamicCache(config=model.config).layers)


def _filled(known: KeyValues, rows: int) -> DynamicCache:
    """A cache that starts with the same keys and values in each of its rows."""
    cache = DynamicCache()
    for place, (keys, values) in enumerate(known):
        cache.update(keys.expand(rows, -1, -1, -1), values.expand(rows, -1, -1, -1), place)
    return cache


def _keys_and_values(cache: DynamicCache) -> list[tuple[Tensor, Tensor]]:
    layers: list[Any] = list(cache.layers)
    return [(layer.keys, layer.values) for layer in layers]


def _last_only(model: Any) -> dict[str, int]:
    return {"logits_to_keep": 1} if "logits_to_keep" in _accepts(model) else {}


def _accepts(model: Any) -> Collection[str]:
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inspect.signature(base.forward).parameters.keys()
