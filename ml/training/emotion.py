"""`python -m ml.training emotion`: fits the Chinese reader, a linear layer over hashed n-grams, on one CPU core.

Learns from authored turns and lines, XED, and weak labels: counselling clients who name a feeling outright (half of
the time with the naming words taken out), or whose counsellor names it for them. The English reader is made by
`python -m ml.training encoder`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from ml.encoder.weights import write_sums
from ml.evaluation.metrics import calibration_error, f1_scores, one_hot
from ml.training import emotion_data
from ml.training.emotion_card import write_card
from ml.training.emotion_data import Example
from ml.training.emotion_weak import weak_examples
from ml.understanding.features import SIZE, features, hashed_grams, plain
from ml.understanding.labels import FEELINGS
from ml.understanding.linear import SETTINGS, WEIGHTS, softmax

# Chosen by four-fold cross-validation on the authored training turns (log loss), never on a test file.
SOURCE_WEIGHTS = {"authored": 3.0, "lines": 3.0, "xed": 0.5, "named": 0.1, "reflected": 0.1, "silent": 0.2}
BALANCE = 0.35
INVERSE_PENALTY = 3.0

# Sparse rows: scipy has no types of its own.
Matrix = Any
Floats = npt.NDArray[np.float32]


def inverse_frequencies(texts: list[str]) -> Floats:
    """Smoothed inverse document frequency of every slot."""
    seen = np.zeros(SIZE)
    for text in texts:
        seen[np.unique(hashed_grams(text))] += 1
    frequencies: Floats = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
    return frequencies


def matrix(texts: list[str], idf: Floats) -> Matrix:
    """Rows of features, shape [texts, SIZE]."""
    slots, values, ends = [], [], [0]
    for text in texts:
        row_slots, row_values = features(text, "zh", idf)
        slots.append(row_slots)
        values.append(row_values)
        ends.append(ends[-1] + len(row_slots))
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(slots), ends), shape=(len(texts), SIZE))


def weighted_labels(examples: list[Example]) -> tuple[list[int], list[int], list[float]]:
    """Row numbers, class numbers and weights; a row with several feelings is used once for each."""
    totals: dict[str, Counter[str]] = {}
    for example in examples:
        totals.setdefault(example.source, Counter()).update(example.feelings)
    rows, labels, weights = [], [], []
    for row, example in enumerate(examples):
        counts = totals[example.source]
        mean = counts.total() / len(counts)
        for name, share in example.feelings.items():
            rows.append(row)
            labels.append(FEELINGS.index(name))
            weights.append(SOURCE_WEIGHTS[example.source] * share * (mean / counts[name]) ** BALANCE)
    return rows, labels, weights


def fit(inputs: Matrix, examples: list[Example]) -> LogisticRegression:
    """Multinomial logistic regression on the weighted rows.

    Raises:
        ValueError: a feeling has no row, so the columns would not stand for FEELINGS.
    """
    rows, labels, weights = weighted_labels(examples)
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=60, tol=1e-3)
    model.fit(inputs[rows], labels, sample_weight=weights)
    if list(model.classes_) != list(range(len(FEELINGS))):
        raise ValueError("a feeling has no training row")
    return model


def temperature_of(inputs: Matrix, examples: list[Example]) -> float:
    """Divisor of the logits with the least log loss on every fourth authored turn, kept out of a fit of its own."""
    authored = [place for place, example in enumerate(examples) if example.source == "authored"]
    aside = authored[::4]
    kept = np.setdiff1d(np.arange(len(examples)), aside)
    model = fit(inputs[kept], [examples[place] for place in kept])
    logits = model.decision_function(inputs[aside])
    labels = [FEELINGS.index(next(iter(examples[place].feelings))) for place in aside]
    grid = [0.5 + 0.05 * step for step in range(51)]
    places = np.arange(len(labels))
    losses = [-np.log(softmax(logits / value)[places, labels] + 1e-9).mean() for value in grid]
    return grid[int(np.argmin(losses))]


def measure(shares: Floats, examples: list[Example]) -> dict[str, object]:
    """Figures on rows that each carry one feeling."""
    truth = [FEELINGS.index(max(e.feelings, key=lambda name: e.feelings[name])) for e in examples]
    said = [int(place) for place in shares.argmax(axis=1)]
    macro, micro, by_label = f1_scores(one_hot(truth, len(FEELINGS)), one_hot(said, len(FEELINGS)))
    hits = np.array([a == b for a, b in zip(truth, said, strict=True)])
    return {
        "rows": len(examples),
        "macro_f1": round(macro, 4),
        "accuracy": round(micro, 4),
        "calibration_error": round(calibration_error(hits, shares.max(axis=1)), 4),
        "f1": {name: round(value, 3) for name, value in zip(FEELINGS, by_label, strict=True)},
    }


def load_examples(data: Path, lines: Path, seed: int) -> list[Example]:
    """All that is learned from; held-out dialogues are left out here."""
    examples = emotion_data.authored(data / "authored" / "sft_zh.jsonl", "zh", held_out=False)
    examples += emotion_data.lines(lines, "zh") + emotion_data.xed(data / "emotion", "zh")
    return examples + weak_examples(data / "dialogue_zh" / "clean_train_zh.jsonl.xz", random.Random(seed))


def write(out: Path, model: LogisticRegression, idf: Floats, temperature: float, metrics: dict[str, object]) -> None:
    """Weights, settings, metrics and the checksums."""
    out.mkdir(parents=True, exist_ok=True)
    tensors = {
        "weights": np.ascontiguousarray(model.coef_.T.astype(np.float16)),
        "bias": model.intercept_.astype(np.float32),
        "idf": idf.astype(np.float16),
    }
    save_file(tensors, out / WEIGHTS)
    (out / SETTINGS).write_text(json.dumps({"temperature": round(temperature, 3)}) + "\n", encoding="utf-8")
    (out / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_sums(out, [WEIGHTS, SETTINGS])
    write_card(out, "zh", metrics)


def main(argv: list[str]) -> int:
    """Fit, measure on the held-out authored dialogues, write."""
    parser = argparse.ArgumentParser(prog="python -m ml.training emotion", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory with emotion/, authored/ and dialogue_zh/")
    parser.add_argument("--lines", type=Path, default=Path("ml/data/emotion/feelings_zh.jsonl"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)
    started = time.monotonic()
    examples = load_examples(args.data, args.lines, args.seed)
    print(f"{len(examples)} rows: {dict(Counter(e.source for e in examples))}", flush=True)
    texts = [plain(example.text) for example in examples]
    idf = inverse_frequencies(texts).astype(np.float16).astype(np.float32)
    inputs = matrix(texts, idf)
    print(f"features {inputs.shape} in {time.monotonic() - started:.0f} s; fitting twice", flush=True)
    temperature = temperature_of(inputs, examples)
    model = fit(inputs, examples)
    held_out = emotion_data.authored(args.data / "authored" / "sft_zh.jsonl", "zh", held_out=True)
    logits = model.decision_function(matrix([plain(e.text) for e in held_out], idf)).astype(np.float32)
    metrics = measure(softmax(logits / temperature), held_out)
    write(args.out, model, idf, temperature, {"held_out_authored_zh": metrics, "seed": args.seed})
    print(json.dumps(metrics, ensure_ascii=False), f"{time.monotonic() - started:.0f} s", flush=True)
    return 0
