"""One loop for the attention model and for the networks it is compared with: same rows, same budget, same stopping."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ml.attention.features import GROUP_COLUMNS, GROUPS, X_NAMES
from ml.attention.torch_model import loss
from ml.simulation.rows import Rows

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a network may use. `patience`: epochs without a better dev error before it stops."""

    epochs: int = 40
    batch: int = 128
    rate: float = 3e-3
    patience: int = 8
    seed: int = 7


def tensors(rows: Rows) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """x, y, mask, state, change."""
    return (
        torch.from_numpy(rows.x),
        torch.from_numpy(rows.y),
        torch.from_numpy(rows.mask.astype(np.float32)),
        torch.from_numpy(rows.state),
        torch.from_numpy(rows.change),
    )


def train(network: Network, rows: Rows, dev: Rows, budget: Budget, say: Callable[[str], None] = print) -> Network:
    """Fit; gives the weights of the best dev error back."""
    torch.manual_seed(budget.seed)
    generator = torch.Generator().manual_seed(budget.seed)
    data, held = tensors(rows), tensors(dev)
    optimiser = torch.optim.AdamW(network.parameters(), lr=budget.rate, weight_decay=1e-3)
    steps = math.ceil(len(rows) / budget.batch) * budget.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, budget.rate, total_steps=steps, pct_start=0.15)
    best, kept, waited, began = float("inf"), copy.deepcopy(network.state_dict()), 0, time.perf_counter()
    for epoch in range(budget.epochs):
        network.train()
        for chosen in torch.split(torch.randperm(len(rows), generator=generator), budget.batch):
            x, y, mask, state, change = (part[chosen] for part in data)
            x, mask = lose_signals(x, mask, generator)
            optimiser.zero_grad(set_to_none=True)
            value = loss(network(x, y, mask)[0], state, change)
            value.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        error = rmse(outputs(network, dev)[:, :3], held[3])
        if error < best:
            best, kept, waited = error, copy.deepcopy(network.state_dict()), 0
        else:
            waited += 1
        left = (time.perf_counter() - began) / (epoch + 1) * (budget.epochs - epoch - 1)
        say(f"epoch {epoch + 1}/{budget.epochs}  dev RMSE {error:.4f}  best {best:.4f}  at most {left:.0f} s left")
        if waited >= budget.patience:
            break
    network.load_state_dict(kept)
    network.eval()
    return network


def lose_signals(x: Tensor, mask: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """One row in six loses one group of signals altogether, so that the network knows how that is."""
    x = x.clone()
    groups = list(GROUPS)
    lost = torch.randint(0, 6 * len(groups), (len(x),), generator=generator)
    for index, name in enumerate(groups):
        rows = lost == index
        columns = [*GROUP_COLUMNS[name], X_NAMES.index(f"has_{name}")]
        if name == "behaviour":
            columns += [place for place, column in enumerate(X_NAMES) if column.startswith("app_")]
        for column in columns:
            x[rows, :, column] = 0.0
    flags = [X_NAMES.index(f"has_{name}") for name in groups]
    return x, mask * (x[..., flags].sum(dim=-1) > 0)


@torch.no_grad()
def outputs(network: nn.Module, rows: Rows, batch: int = 1024) -> Tensor:
    """All outputs [N, 12]."""
    network.eval()
    x, y, mask, *_ = tensors(rows)
    parts = [network(*each)[0] for each in zip(*(torch.split(part, batch) for part in (x, y, mask)), strict=True)]
    return torch.cat(parts)


def rmse(guess: Tensor, truth: Tensor) -> float:
    """Root of the mean square over rows and a, e, r, as far as they are known."""
    return float((guess - truth).pow(2).nanmean().sqrt())
