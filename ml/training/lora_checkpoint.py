"""The state of an adapter's training, in a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict

from ml.training import checkpoints
from ml.training.checkpoints import clear

__all__ = ["Progress", "clear", "restore", "save"]


@dataclass(slots=True)
class Progress:
    """How far a run has come. `step` counts optimiser steps; `stale` counts evaluations without a better loss."""

    step: int = 0
    best_loss: float = float("inf")
    first_loss: float = float("inf")
    stale: int = 0


def save(out: Path, model: Any, optimiser: torch.optim.Optimizer, progress: Progress, fingerprint: str) -> None:
    """Replace the checkpoint in `out`."""
    state = {
        "progress": [progress.step, progress.best_loss, progress.first_loss, progress.stale],
        "adapter": {name: value.detach().cpu() for name, value in get_peft_model_state_dict(model).items()},
        "optimiser": optimiser.state_dict(),
    }
    checkpoints.write(out, state, fingerprint)


def restore(out: Path, model: Any, optimiser: torch.optim.Optimizer, fingerprint: str) -> Progress:
    """Take up the checkpoint in `out` if there is one; a new `Progress` otherwise.

    Raises:
        TrainingError: it was written with other options.
    """
    state = checkpoints.read(out, fingerprint)
    if state is None:
        return Progress()
    set_peft_model_state_dict(model, state["adapter"])
    optimiser.load_state_dict(state["optimiser"])
    step, best, first, stale = state["progress"]
    return Progress(int(step), float(best), float(first), int(stale))
