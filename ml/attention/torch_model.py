"""The network: events x and indicators y scored together, masked softmax over time, two heads with their own doubt.

score_h(t) = u_h · tanh(A x'_t + B y),  w_h = softmax over seen t,  c_h = Σ_t w_h(t) V_h x'_t  (additive attention after
Bahdanau, Cho and Bengio 2015; the query is y instead of a decoder). Only training and evaluation import this file.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ml.attention.features import X_WIDTH, Y_WIDTH

WIDTH, HEADS = 48, 4
_LEAST, _MOST = -7.0, 1.0  # bounds of the logarithm of a variance


class Heads(nn.Module):
    """From one vector to means in [-1, 1] and logarithms of variances, of the state and of its change: [B, 12]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(width, 64), nn.GELU(), nn.Dropout(0.1), nn.Linear(64, 12))

    def forward(self, joined: Tensor) -> Tensor:
        state, state_doubt, change, change_doubt = self.body(joined).chunk(4, dim=-1)
        doubts = (_bounded(state_doubt), _bounded(change_doubt))
        return torch.cat([torch.tanh(state), doubts[0], torch.tanh(change), doubts[1]], dim=-1)


def _bounded(doubt: Tensor) -> Tensor:
    return _LEAST + (_MOST - _LEAST) * torch.sigmoid(doubt)


class Attention(nn.Module):
    """x [B, T, D], y [B, Y], mask [B, T] (1 seen) to outputs [B, 12] and weights [B, H, T] that sum to 1 over time."""

    def __init__(self, width: int = WIDTH, heads: int = HEADS) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(X_WIDTH + Y_WIDTH, width), nn.GELU(), nn.Linear(width, width), nn.GELU())
        # A window is known by its neighbours: where something begins, and whether it lasts.
        self.near = nn.Conv1d(width, width, 3, padding=1, groups=width)
        self.from_event = nn.Linear(width, width)
        self.from_person = nn.Linear(Y_WIDTH, width)
        self.score = nn.Linear(width, heads)
        self.value = nn.Linear(width, width)
        self.heads = Heads(width + Y_WIDTH)
        self.count, self.size = heads, width // heads

    def forward(self, x: Tensor, y: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        steps = x.shape[1]
        joined = torch.cat([x, y.unsqueeze(1).expand(-1, steps, -1)], dim=-1)  # [B, T, D + Y]
        event = self.embed(joined)  # [B, T, W]
        event = event + self.near(event.transpose(1, 2)).transpose(1, 2)
        scores = self.score(torch.tanh(self.from_event(event) + self.from_person(y).unsqueeze(1)))  # [B, T, H]
        hidden = (mask < 0.5).unsqueeze(-1)
        weights = torch.softmax(scores.masked_fill(hidden, -1e4), dim=1) * mask.unsqueeze(-1)  # [B, T, H]
        values = self.value(event).reshape(-1, steps, self.count, self.size)  # [B, T, H, W/H]
        parts = weights.unsqueeze(-1) * values
        context = parts.sum(dim=1).flatten(1)  # [B, W]
        # What an event brings in, not only how hard it is looked at (Kobayashi et al. 2020).
        brought = parts.pow(2).sum(dim=(2, 3)).add(1e-12).sqrt()  # [B, T]
        share = brought * mask
        share = share / share.sum(dim=1, keepdim=True).clamp_min(1e-9)
        return self.heads(torch.cat([context, y], dim=-1)), weights.transpose(1, 2), share


class MeanPooling(nn.Module):
    """The same events, embedded in the same way and averaged: no choice among them."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(X_WIDTH + Y_WIDTH, width), nn.GELU(), nn.Linear(width, width), nn.GELU())
        self.heads = Heads(width + Y_WIDTH)

    def forward(self, x: Tensor, y: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        joined = torch.cat([x, y.unsqueeze(1).expand(-1, x.shape[1], -1)], dim=-1)
        share = mask / mask.sum(dim=1, keepdim=True).clamp_min(1.0)
        pooled = (self.embed(joined) * share.unsqueeze(-1)).sum(dim=1)
        return self.heads(torch.cat([pooled, y], dim=-1)), share.unsqueeze(1), share


class Recurrent(nn.Module):
    """A GRU over the same events; unseen windows come as zeros with their flags off."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.gru = nn.GRU(X_WIDTH + Y_WIDTH, width, batch_first=True)
        self.heads = Heads(width + Y_WIDTH)

    def forward(self, x: Tensor, y: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        joined = torch.cat([x * mask.unsqueeze(-1), y.unsqueeze(1).expand(-1, x.shape[1], -1)], dim=-1)
        last = self.gru(joined)[1][0]  # [B, W]
        share = mask / mask.sum(dim=1, keepdim=True).clamp_min(1.0)
        return self.heads(torch.cat([last, y], dim=-1)), share.unsqueeze(1), share


def loss(outputs: Tensor, state: Tensor, change: Tensor) -> Tensor:
    """Gaussian negative log-likelihood of both heads, half weight on the change; NaN was not said."""
    mean, doubt, moved, moved_doubt = outputs.chunk(4, dim=-1)
    first, error = _likelihood(state, mean, doubt)
    second, _moved_error = _likelihood(change, moved, moved_doubt)
    # The plain error as well: a likelihood alone learns doubt before it learns the state.
    total: Tensor = first + 0.5 * second + 4.0 * error
    return total


def _likelihood(truth: Tensor, mean: Tensor, doubt: Tensor) -> tuple[Tensor, Tensor]:
    """Mean likelihood and mean squared error over what is known."""
    known = torch.isfinite(truth).to(mean.dtype)
    count = known.sum().clamp_min(1.0)
    square = (torch.nan_to_num(truth) - mean).pow(2) * known
    return 0.5 * (square * torch.exp(-doubt) + doubt * known).sum() / count, square.sum() / count
