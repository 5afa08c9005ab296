"""Turns a trained encoder into what is shipped: int8 ONNX, then everything tuned and measured on that very file."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from ml.encoder import session
from ml.encoder.heads import OUTPUTS
from ml.encoder.tokens import encode, load_tokenizer
from ml.encoder.weights import write_sums
from ml.evaluation.metrics import calibration_error, f1_scores
from ml.evaluation.rows import read_rows
from ml.text import normalise
from ml.training.emotion_data import Example
from ml.training.encoder_card import write_card
from ml.training.encoder_model import Encoder
from ml.training.risk_rows import DATA
from ml.understanding.labels import EKMAN, EKMAN_OF_GOEMOTIONS, FEELINGS, GOEMOTIONS
from ml.understanding.linear import softmax

Floats = npt.NDArray[np.float32]
# Added to the logit of a feeling that the lexicon finds named outright: most where the data has fewest rows. Set
# beforehand, not tuned.
CUE_BONUS = dict.fromkeys(FEELINGS, 1.2) | {"shame": 3.0, "guilt": 3.0, "loneliness": 3.0, "relief": 2.0, "hope": 1.5}
# How far the shares of the feelings are moved from the public rows towards the authored dialogues (label shift): a
# quarter of the way, for the network has seen both, and real conversations will be like neither.
SHIFT = 0.25
MOST_SHIFT = 0.6
OPTIONS = ("seed", "epochs", "batch", "rate", "averaging", "masking", "freeze", "feelings", "preceded")
# Resamplings of the dev rows for each threshold.
SAMPLES = 60
PARITY = "parity.json"
PARITY_STEP = 7
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def export(model: Encoder, base: Path, out: Path) -> None:
    """Write model.int8.onnx and tokenizer.json. Weights of every MatMul and of the embeddings become int8."""
    model.eval()
    full = out / "model.onnx"
    example = tuple(torch.ones(2, 8, dtype=torch.long) * (name != "token_type_ids") for name in INPUTS)
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | {name: {0: "batch"} for name in OUTPUTS}
    torch.onnx.export(
        model,
        example,
        str(full),
        dynamo=False,
        opset_version=17,
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes=axes,
    )
    quantize_dynamic(full, out / session.MODEL, weight_type=QuantType.QInt8, per_channel=True)
    full.unlink()
    shutil.copyfile(base / "tokenizer.json", out / session.TOKENIZER)
    write_parity(model, out)


def write_parity(model: Encoder, out: Path) -> None:
    """Level logits of the network before int8, for a sample of authored rows: what the shipped file is held against."""
    tokenizer = load_tokenizer(out / session.TOKENIZER)
    sample = [row for language in ("en", "zh") for row in read_rows(DATA / f"plain_{language}.jsonl")][::PARITY_STEP]
    kept = []
    for row in sample:
        tokens = encode(tokenizer, normalise(row["text"]).text)
        with torch.no_grad():
            logits = model(*(torch.from_numpy(one) for one in tokens.feed().values()))[0][0]
        kept.append({"lang": row["lang"], "text": row["text"], "risk": [round(float(one), 4) for one in logits]})
    (out / PARITY).write_text(json.dumps(kept, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def tune(out: Path, dev: list[Example], authored: list[Example], options: Mapping[str, object]) -> dict[str, object]:
    """Tune thresholds on dev rows with the int8 file; write settings, figures and checksums."""
    settings: dict[str, object] = {"name": options["name"]}
    (out / session.SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
    write_sums(out, [session.MODEL, session.TOKENIZER, session.SETTINGS])
    session.load.cache_clear()
    reader = session.load(out)
    read = [reader.read(normalise(example.text).text) for example in dev]
    shares: Floats = np.stack([1.0 / (1.0 + np.exp(-one["goemotions"])) for one in read]).astype(np.float32)
    truth = multi_hot(dev)
    grouped, group_shares = ekman_columns(truth.astype(np.float32)) > 0, ekman_columns(shares)
    thresholds, group_thresholds = best_thresholds(truth, shares), best_thresholds(grouped, group_shares)
    settings |= {
        "temperature": round(best_temperature(np.stack([one["feelings"] for one in read]), dev), 2),
        "feeling_bias": feeling_bias(dev, authored),
        "cue_bonus": CUE_BONUS,
        "thresholds": dict(zip(GOEMOTIONS, thresholds, strict=True)),
        "ekman_thresholds": dict(zip(EKMAN, group_thresholds, strict=True)),
    }
    figures: dict[str, object] = {
        "dev_rows": len(dev),
        "macro_f1_tuned": round(f1_scores(truth, shares >= np.array(thresholds))[0], 4),
        "macro_f1_at_0.3": round(f1_scores(truth, shares >= 0.3)[0], 4),
        "ekman_macro_f1_tuned": round(f1_scores(grouped, group_shares >= np.array(group_thresholds))[0], 4),
        "calibration_error": round(calibration_error(truth.ravel(), shares.ravel()), 4),
        "training": {name: options[name] for name in OPTIONS},
    }
    (out / session.SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    (out / "metrics.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    chosen = " ".join(f"--{name} {options[name]}" for name in OPTIONS)
    write_card(out, figures, f"--played --leave-out pq --scores FILE --name {settings['name']} {chosen}")
    write_sums(out, [session.MODEL, session.TOKENIZER, session.SETTINGS])
    session.load.cache_clear()
    print(json.dumps(figures), flush=True)
    return figures


def best_thresholds(truth: npt.NDArray[np.bool_], shares: Floats) -> list[float]:
    """For each column the threshold between .05 and .9 with the highest F1, the mean over resampled rows.

    Of a rare label a few dev rows decide; what is best in most samples holds better elsewhere than what is best in one.
    """
    grid = np.arange(0.05, 0.91, 0.01)
    chance = np.random.default_rng(7)
    samples = chance.multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=SAMPLES)  # [samples, rows]
    found = []
    for column in range(truth.shape[1]):
        called = shares[:, [column]] >= grid  # [rows, grid]
        right = samples @ (called & truth[:, [column]])
        f1 = 2 * right / np.maximum(samples @ called + (samples @ truth[:, column])[:, None], 1)
        found.append(round(float(grid[f1.argmax(axis=1)].mean()), 2))
    return found


def ekman_columns(shares: Floats) -> Floats:
    """Largest member of each of Ekman's groups: [rows, 28] → [rows, 7]."""
    members = [[i for i, name in enumerate(GOEMOTIONS) if EKMAN_OF_GOEMOTIONS[name] == group] for group in EKMAN]
    return np.stack([shares[:, places].max(axis=1) for places in members], axis=1)


def multi_hot(examples: Sequence[Example]) -> npt.NDArray[np.bool_]:
    """Gold labels, [rows, 28]."""
    return np.array([[name in (e.goemotions or ()) for name in GOEMOTIONS] for e in examples])


def best_temperature(logits: Floats, examples: Sequence[Example]) -> float:
    """Divisor with the least cross-entropy against the feelings of the dev rows."""
    truth = np.array([[e.feelings.get(name, 0.0) for name in FEELINGS] for e in examples])
    grid = [0.5 + 0.05 * step for step in range(51)]
    losses = [-(truth * np.log(softmax(logits / value) + 1e-9)).sum(axis=1).mean() for value in grid]
    return grid[int(np.argmin(losses))]


def feeling_bias(public: Sequence[Example], authored: Sequence[Example]) -> dict[str, float]:
    """Correction of the 12 logits for the prior of a support chat, from label counts alone."""
    shares = []
    for examples in (public, authored):
        counts = Counter(dict.fromkeys(FEELINGS, 0.5))
        for example in examples:
            counts.update(example.feelings)
        shares.append([counts[name] / counts.total() for name in FEELINGS])
    moves = SHIFT * (np.log(shares[1]) - np.log(shares[0]))
    return {
        name: round(float(np.clip(move, -MOST_SHIFT, MOST_SHIFT)), 3)
        for name, move in zip(FEELINGS, moves, strict=True)
    }
