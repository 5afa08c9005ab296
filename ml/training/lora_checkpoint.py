"""The training state on disk: written whole or not at all, and only taken up again by the run that wrote it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict

from ml.training.lora_data import TrainingError

FOLDER = "checkpoint"
STATE = "state.pt"


@dataclass(slots=True)
class Progress:
    """How far a run has come. `step` counts optimiser steps; `stale` counts evaluations without a better loss."""

    step: int = 0
    best_loss: float = float("inf")
    first_loss: float = float("inf")
    stale: int = 0


def save(out: Path, model: Any, optimiser: torch.optim.Optimizer, progress: Progress, fingerprint: str) -> None:
    """Replace the checkpoint: the new one is complete on disk before the old one goes."""
    folder, fresh = out / FOLDER, out / f"{FOLDER}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    state = {
        "fingerprint": fingerprint,
        "progress": [progress.step, progress.best_loss, progress.first_loss, progress.stale],
        "adapter": {name: value.detach().cpu() for name, value in get_peft_model_state_dict(model).items()},
        "optimiser": optimiser.state_dict(),
    }
    with (fresh / STATE).open("wb") as stream:
        torch.save(state, stream)
        os.fsync(stream.fileno())
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def restore(out: Path, model: Any, optimiser: torch.optim.Optimizer, fingerprint: str) -> Progress:
    """Take up the checkpoint in `out` if there is one; a new `Progress` otherwise.

    Raises:
        TrainingError: it was written with other options.
    """
    file = _find(out)
    if file is None:
        return Progress()
    state = torch.load(file, map_location="cpu", weights_only=True)
    if state["fingerprint"] != fingerprint:
        raise TrainingError(f"{file.parent} belongs to a run with other options or data; use --fresh or another --out")
    set_peft_model_state_dict(model, state["adapter"])
    optimiser.load_state_dict(state["optimiser"])
    step, best, first, stale = state["progress"]
    return Progress(int(step), float(best), float(first), int(stale))


def clear(out: Path) -> None:
    """Forget the checkpoint."""
    for name in (FOLDER, f"{FOLDER}.new"):
        shutil.rmtree(out / name, ignore_errors=True)


def _find(out: Path) -> Path | None:
    """The newest complete state: killed between removing the old and renaming the new, only the new one is left."""
    places = (out / FOLDER / STATE, out / f"{FOLDER}.new" / STATE)
    return next((file for file in places if file.is_file()), None)
