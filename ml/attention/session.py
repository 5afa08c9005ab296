"""The shipped attention model: one ONNX file on one thread. No torch, no knowledge of where the numbers come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

from ml.attention.features import Array
from ml.encoder.weights import problems

FOLDER = Path(__file__).resolve().parent.parent / "models" / "attention"
MODEL, SETTINGS = "model.onnx", "settings.json"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, Fail, InvalidGraph, InvalidProtobuf)


class AttentionError(Exception):
    """The model cannot be used: a file is missing, changed or of another make. The text names it."""


@dataclass(frozen=True, slots=True)
class AttentionReading:
    """State and its change within the hour for one person, each [3] with calibrated variances; `weights` [H, T] sum to
    one over the seen windows, `share` [T] says how much each window brought in."""

    state: Array
    variance: Array
    change: Array
    change_variance: Array
    weights: Array
    share: Array
    version: str


@dataclass(frozen=True, slots=True)
class Session:
    """The network and what was tuned on it."""

    network: onnxruntime.InferenceSession
    settings: dict[str, Any]

    def run(self, x: Array, y: Array, mask: npt.NDArray[np.bool_]) -> tuple[Array, Array, Array]:
        """Outputs [B, 12], weights [B, H, T] and shares [B, T] of x [B, T, D], y [B, Y], mask [B, T]."""
        feed = {"x": x, "y": y, "mask": mask.astype(np.float32)}
        outputs, weights, share = self.network.run(["outputs", "weights", "share"], feed)
        return np.asarray(outputs), np.asarray(weights), np.asarray(share)

    def read(self, x: Array, y: Array, mask: npt.NDArray[np.bool_]) -> AttentionReading:
        """One person: x [T, D], y [Y], mask [T]."""
        outputs, weights, share = self.run(x[None], y[None], mask[None])
        state, doubt, change, change_doubt = np.split(outputs[0], 4)
        widen = np.asarray(self.settings["widen"], dtype=np.float32)
        return AttentionReading(
            state=state,
            variance=np.exp(doubt) * widen[:3],
            change=change,
            change_variance=np.exp(change_doubt) * widen[3:],
            weights=weights[0],
            share=share[0],
            version=str(self.settings["name"]),
        )


@cache
def load(folder: Path = FOLDER) -> Session:
    """Read the files once, checked against their pinned hashes.

    Raises:
        AttentionError: a file is missing, is not the pinned one, or does not load.
    """
    wrong = problems(folder)
    if wrong:
        raise AttentionError("; ".join(wrong))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        network = onnxruntime.InferenceSession(
            (folder / MODEL).read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        return Session(network, {"name": settings["name"], "widen": settings["widen"], **settings})
    except _UNREADABLE as error:
        raise AttentionError(f"{folder.name}: {type(error).__name__}: {error}") from error
