"""Key and value memory of the shared batch: rows join and leave between steps without moving the others.

All rows end in the same column, so one step writes one column for everybody. A row's words begin at `start[row]`;
what lies left of that is masked out. Freed rows are wiped: nothing of a conversation stays after its reply (LM-05).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin

MIN_COLUMNS = 128

KeyValues = Sequence[tuple[Tensor, Tensor]]


@dataclass(slots=True)
class Window:
    """The part of the buffers in use, shared by all layers: rows [0, rows), columns [base, end)."""

    rows: int = 0
    base: int = 0
    end: int = 0


class SlotLayer(CacheLayerMixin):  # type: ignore[no-untyped-call]
    """One layer's buffers (keys, values), shape [slots, heads, columns, width]; the model sees a view of the window."""

    is_sliding = False

    def __init__(self, window: Window, keys: Tensor, values: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.window = window
        # No slots yet; `reserve` makes room. Keys and values may differ in width.
        self.buffers = tuple(like.new_zeros(0, like.shape[1], 0, like.shape[3]) for like in (keys, values))
        self.is_initialized = True

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Nothing left to do: the buffers exist from the start."""

    def reserve(self, slots: int, columns: int) -> None:
        """Grow the buffers to at least these sizes, keeping what they hold. Zeros, as masked NaN would still spread."""
        self.buffers = tuple(_grown(buffer, slots, columns) for buffer in self.buffers)

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Write the new columns of all rows and give back everything in the window and them, as views."""
        window, width = self.window, key_states.shape[2]
        keys, values = self.buffers
        new = (slice(0, window.rows), slice(None), slice(window.end, window.end + width))
        keys[new], values[new] = key_states, value_states
        seen = (slice(0, window.rows), slice(None), slice(window.base, window.end + width))
        return keys[seen], values[seen]

    def get_seq_length(self) -> int:
        """Columns in the window."""
        return self.window.end - self.window.base

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Length and offset of the mask, as transformers asks for them."""
        return self.get_seq_length() + query_length, 0

    def get_max_length(self) -> int:
        """No fixed limit."""
        return -1


class SlotCache(Cache):
    """The batch's cache. `start[row]` is the column of a row's first token; positions count from there."""

    def __init__(self, prefilled: KeyValues) -> None:
        self.window = Window()
        self.start: list[int] = []
        self.slots = [SlotLayer(self.window, keys, values) for keys, values in prefilled]
        super().__init__(layers=[*self.slots])

    def join(self, prefilled: KeyValues, lengths: Sequence[int], prefix: int = 0) -> None:
        """Add rows from a prefill, shape [new, heads, columns, width]; `lengths` are the rows' true lengths.

        A row's words are the first `prefix` columns and, right-aligned, the rest; what lies between is padding.
        """
        window, longest = self.window, max(lengths)
        self._make_room(len(lengths), longest)
        first = window.rows
        for layer, sources in zip(self.slots, prefilled, strict=True):
            for buffer, source in zip(layer.buffers, sources, strict=True):
                for row, length in enumerate(lengths):
                    start, tail = window.end - length, length - prefix
                    buffer[first + row, :, start : start + prefix] = source[row, :, :prefix]
                    buffer[first + row, :, start + prefix : window.end] = source[row, :, -tail:]
        self.start += [window.end - length for length in lengths]
        window.rows += len(lengths)
        window.base = min(self.start)

    def advance(self) -> None:
        """Take the column that the last step wrote into the window, and make sure there is one for the next."""
        self.window.end += 1
        self._make_room(0, 0)

    def leave(self, row: int) -> None:
        """Free a row: the last row takes its place, and the freed memory is wiped."""
        window, last = self.window, self.window.rows - 1
        seen = slice(window.base, window.end)
        for layer in self.slots:
            for buffer in layer.buffers:
                buffer[row].zero_()
                if row != last:
                    buffer[row, :, seen] = buffer[last, :, seen]
                    buffer[last].zero_()
        self.start[row] = self.start[last]
        self.start.pop()
        window.rows = last
        if last:
            window.base = min(self.start)
        else:
            window.base = window.end = 0

    def mask(self, device: torch.device) -> Tensor:
        """Shape [rows, columns + 1]: 1 where a row has a token, the one about to be written included."""
        columns = torch.arange(self.window.base, self.window.end + 1, device=device)
        return (columns >= torch.tensor(self.start, device=device)[:, None]).long()

    def positions(self, device: torch.device) -> Tensor:
        """Shape [rows, 1]: position of the token about to be written."""
        return torch.tensor([[self.window.end - start] for start in self.start], device=device)

    def _make_room(self, rows: int, longest: int) -> None:
        """Room for `rows` more rows, `longest` columns left of the end, and one free column right of it."""
        window, have = self.window, self.slots[0].buffers[0].shape[2]
        if longest > window.end:
            self._move(longest - window.end)
        elif window.end >= have and window.base > window.end // 4:
            # Worth a copy only where it frees enough columns to last a while; else the buffers double.
            self._move(-window.base)
        for layer in self.slots:
            layer.reserve(window.rows + rows, max(MIN_COLUMNS, window.end + 1))

    def _move(self, shift: int) -> None:
        """Move the window sideways, so that its first column is 0 or there is room left of it for a longer row."""
        window = self.window
        size = window.end - window.base
        for layer in self.slots:
            layer.reserve(window.rows, window.end + shift)
            for buffer in layer.buffers:
                seen = buffer[: window.rows, :, window.base : window.end].clone()
                buffer[: window.rows, :, window.end + shift - size : window.end + shift] = seen
        self.start = [start + shift for start in self.start]
        window.base, window.end = window.base + shift, window.end + shift


def _grown(buffer: Tensor, slots: int, columns: int) -> Tensor:
    have_slots, heads, have_columns, width = buffer.shape
    if slots <= have_slots and columns <= have_columns:
        return buffer
    slots = have_slots if slots <= have_slots else max(slots, 2 * have_slots)
    columns = have_columns if columns <= have_columns else max(columns, 2 * have_columns)
    larger = buffer.new_zeros(slots, heads, columns, width)
    larger[:have_slots, :, :have_columns] = buffer
    return larger
