"""The attention model as ONNX, checked against torch; int8 is tried and its damage written down."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from ml.attention.torch_model import Attention
from ml.simulation.rows import Rows
from ml.training.attention_loop import tensors

MODEL = "model.onnx"
NAMES = ("outputs", "weights", "share")


def export(network: Attention, rows: Rows, folder: Path) -> dict[str, Any]:
    """Write the file; how far it and its int8 form are from torch, and how long one reading takes."""
    network.eval()
    x, y, mask, *_ = tensors(rows)
    path = folder / MODEL
    torch.onnx.export(
        network,
        (x[:2], y[:2], mask[:2]),
        str(path),
        input_names=["x", "y", "mask"],
        output_names=list(NAMES),
        dynamic_axes={name: {0: "rows"} for name in ("x", "y", "mask", *NAMES)},
        opset_version=17,
        dynamo=False,
    )
    with torch.no_grad():
        truth = network(x, y, mask)[0].numpy()
    ours = _run(path, rows)
    with tempfile.TemporaryDirectory() as place:
        small = Path(place) / "int8.onnx"
        quantize_dynamic(path, small, weight_type=QuantType.QInt8)
        eight = _run(small, rows)
        small_bytes = small.stat().st_size
    return {
        "parity": float(np.abs(ours - truth).max()),
        "int8_difference": float(np.abs(eight[:, :3] - truth[:, :3]).max()),
        "bytes": path.stat().st_size,
        "int8_bytes": small_bytes,
        "milliseconds": _milliseconds(path, rows),
    }


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _feed(rows: Rows) -> dict[str, Any]:
    return {"x": rows.x, "y": rows.y, "mask": rows.mask.astype(np.float32)}


def _run(path: Path, rows: Rows) -> Any:
    return _session(path).run([NAMES[0]], _feed(rows))[0]


def _milliseconds(path: Path, rows: Rows) -> float:
    """95th percentile of single readings."""
    session, times = _session(path), []
    for index in range(200):
        feed = _feed(rows.take(slice(index, index + 1)))
        began = time.perf_counter()
        session.run(list(NAMES), feed)
        times.append(1000 * (time.perf_counter() - began))
    return round(float(np.percentile(times, 95)), 3)
