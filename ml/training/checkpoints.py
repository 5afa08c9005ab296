"""A training state on disk: written whole or not at all, and only taken up again by the run that wrote it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch

from ml.training.lora_data import TrainingError

FOLDER = "checkpoint"
STATE = "state.pt"


def write(out: Path, state: dict[str, Any], fingerprint: str) -> None:
    """Replace the checkpoint: the new one is complete on disk before the old one goes."""
    folder, fresh = out / FOLDER, out / f"{FOLDER}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    with (fresh / STATE).open("wb") as stream:
        torch.save(state | {"fingerprint": fingerprint}, stream)
        os.fsync(stream.fileno())
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def read(out: Path, fingerprint: str) -> dict[str, Any] | None:
    """The state in `out`, if there is one.

    Raises:
        TrainingError: it was written with other options.
    """
    # Killed between removing the old and renaming the new, only the new one is left.
    places = (out / FOLDER / STATE, out / f"{FOLDER}.new" / STATE)
    file = next((file for file in places if file.is_file()), None)
    if file is None:
        return None
    state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    if state["fingerprint"] != fingerprint:
        raise TrainingError(f"{file.parent} belongs to a run with other options or data; use --fresh or another --out")
    return state


def clear(out: Path) -> None:
    """Forget the checkpoint."""
    for name in (FOLDER, f"{FOLDER}.new"):
        shutil.rmtree(out / name, ignore_errors=True)
