"""Turns a trained encoder into what is shipped: int8 ONNX, then everything tuned and measured on that very file."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from ml.evaluation.metrics import calibration_error, f1_scores
from ml.training.emotion_data import Example
from ml.understanding import encoder
from ml.understanding.labels import EKMAN, EKMAN_OF_GOEMOTIONS, FEELINGS, GOEMOTIONS
from ml.understanding.linear import SETTINGS, softmax
from ml.understanding.weights import write_sums

Floats = npt.NDArray[np.float32]
# Added to the logit of a feeling that the lexicon finds named outright: most where the data has fewest rows. Set
# beforehand, not tuned.
CUE_BONUS = dict.fromkeys(FEELINGS, 0.7) | {"shame": 5.0, "guilt": 5.0, "loneliness": 5.0, "relief": 3.0, "hope": 2.0}
# How far the shares of the feelings are moved from the training rows towards the authored dialogues (label shift):
# half way, for real conversations will be like neither.
SHIFT = 0.5


def export(model: nn.Module, base: Path, out: Path) -> None:
    """Write model.int8.onnx and tokenizer.json. Weights of every MatMul and of the embeddings become int8."""
    model.eval()
    full = out / "model.onnx"
    example: tuple[Tensor, Tensor] = (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long))
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        model,
        example,
        str(full),
        dynamo=False,
        opset_version=17,
        input_names=["input_ids", "attention_mask"],
        output_names=["goemotions", "feelings"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "goemotions": {0: "batch"}, "feelings": {0: "batch"}},
    )
    quantize_dynamic(full, out / encoder.MODEL, weight_type=QuantType.QInt8, per_channel=True)
    full.unlink()
    shutil.copyfile(base / "tokenizer.json", out / encoder.TOKENIZER)


def logits_of(reader: encoder.EncoderReader, examples: list[Example]) -> tuple[Floats, Floats]:
    """Raw outputs of the shipped file, one text at a time as in use: [rows, 28] and [rows, 12]."""
    multi, feelings = [], []
    for example in examples:
        tokens = np.array([reader.tokens(example.text)], dtype=np.int64)
        outputs = reader.session.run(None, {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
        multi.append(outputs[0][0])
        feelings.append(outputs[1][0])
    return np.stack(multi), np.stack(feelings)


def best_thresholds(truth: npt.NDArray[np.bool_], shares: Floats) -> list[float]:
    """For each column the threshold between .05 and .9 with the highest F1."""
    grid = np.arange(0.05, 0.91, 0.01)
    found = []
    for column in range(truth.shape[1]):
        scores = [f1_scores(truth[:, [column]], shares[:, [column]] >= value)[0] for value in grid]
        found.append(round(float(grid[int(np.argmax(scores))]), 2))
    return found


def ekman_columns(shares: Floats) -> Floats:
    """Largest member of each of Ekman's groups: [rows, 28] → [rows, 7]."""
    members = [[i for i, name in enumerate(GOEMOTIONS) if EKMAN_OF_GOEMOTIONS[name] == group] for group in EKMAN]
    return np.stack([shares[:, places].max(axis=1) for places in members], axis=1)


def multi_hot(examples: list[Example]) -> npt.NDArray[np.bool_]:
    """Gold labels, [rows, 28]."""
    return np.array([[name in (e.goemotions or ()) for name in GOEMOTIONS] for e in examples])


def best_temperature(logits: Floats, examples: list[Example]) -> float:
    """Divisor with the least cross-entropy against the feelings of the dev rows."""
    truth = np.array([[e.feelings.get(name, 0.0) for name in FEELINGS] for e in examples])
    grid = [0.5 + 0.05 * step for step in range(51)]
    losses = [-(truth * np.log(softmax(logits / value) + 1e-9)).sum(axis=1).mean() for value in grid]
    return grid[int(np.argmin(losses))]


def feeling_bias(trained_on: list[Example], authored: list[Example]) -> dict[str, float]:
    """Correction of the 12 logits for the prior of a support chat, from label counts alone."""
    shares = []
    for examples in (trained_on, authored):
        counts = Counter[str]()
        for example in examples:
            counts.update(example.feelings)
        shares.append([counts[name] / counts.total() for name in FEELINGS])
    moves = SHIFT * (np.log(shares[1]) - np.log(shares[0]))
    return {name: round(float(move), 3) for name, move in zip(FEELINGS, moves, strict=True)}


def tune(out: Path, dev: list[Example], bias: dict[str, float]) -> dict[str, object]:
    """Tune on dev with the int8 file, write settings and checksums, give back the dev figures."""
    settings: dict[str, object] = {"temperature": 1.0, "feeling_bias": bias, "cue_bonus": CUE_BONUS}
    (out / SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
    multi_logits, feeling_logits = logits_of(encoder.load(out), dev)
    shares: Floats = (1.0 / (1.0 + np.exp(-multi_logits))).astype(np.float32)
    truth = multi_hot(dev)
    grouped, group_shares = ekman_columns(truth.astype(np.float32)) > 0, ekman_columns(shares)
    thresholds, group_thresholds = best_thresholds(truth, shares), best_thresholds(grouped, group_shares)
    settings |= {
        "temperature": round(best_temperature(feeling_logits, dev), 2),
        "thresholds": dict(zip(GOEMOTIONS, thresholds, strict=True)),
        "ekman_thresholds": dict(zip(EKMAN, group_thresholds, strict=True)),
    }
    (out / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    write_sums(out, [encoder.MODEL, encoder.TOKENIZER, SETTINGS])
    return {
        "rows": len(dev),
        "macro_f1_tuned": round(f1_scores(truth, shares >= np.array(thresholds))[0], 4),
        "macro_f1_at_0.3": round(f1_scores(truth, shares >= 0.3)[0], 4),
        "ekman_macro_f1_tuned": round(f1_scores(grouped, group_shares >= np.array(group_thresholds))[0], 4),
        "calibration_error": round(calibration_error(truth.ravel(), shares.ravel()), 4),
    }
