"""Trains the learned risk head of each language: `python -m ml.training risk [--out DIR]`. Judged leave-one-author-out.

Stage one is a linear model over hashed n-grams of one message; stage two weighs its scores with rules and context, and
only ever learns from scores that stage one gave to authors it had not seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from safetensors.numpy import save
from sklearn.linear_model import LogisticRegression

from ml.evaluation.metrics import area_under_curve, calibration_error
from ml.risk.dense import HEADS, dense
from ml.risk.features import SIZE, Indices
from ml.risk.head import FOLDER
from ml.training.risk_rows import DATA, DIALOGUES, ORDINARY, PLAIN, Example, load_examples
from ml.types import Language

HEAD_VERSION = "ngram-2"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# False alarms the union of rules and head may give on the cross-validated rows; below the floors of docs/safety.md.
FLAG_ALARMS_HARD = 0.13
PAGE_ALARMS_NONE = 0.025
IMMINENT_ALARMS_NONE = 0.012
SUPPORT_ALARMS_NONE = 0.30
# The same for plainly typed ordinary talk: a detector that rings all day is switched off.
SUPPORT_ALARMS_TALK = 0.15
FLAG_ALARMS_TALK = 0.05
PAGE_ALARMS_TALK = 0.01


@dataclass(frozen=True, slots=True)
class FirstStage:
    """Linear heads over n-grams: idf (SIZE,), weights (4, SIZE), bias (4,)."""

    idf: Floats
    weights: Floats
    bias: Floats

    def scores(self, counts: sparse.csr_matrix) -> Floats:
        """Shape (rows, 4)."""
        return np.asarray(weighed(counts, self.idf) @ self.weights.T + self.bias)


def count_table(rows: list[Indices]) -> sparse.csr_matrix:
    """Shape (rows, SIZE): 1 + log of how often each n-gram stands in each text."""
    places, values, ends = [], [], [0]
    for row in rows:
        distinct, counts = np.unique(row, return_counts=True)
        places.append(distinct)
        values.append(1.0 + np.log(counts))
        ends.append(ends[-1] + len(distinct))
    if not rows:
        return sparse.csr_matrix((0, SIZE))
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(places), ends), shape=(len(rows), SIZE))


def weighed(counts: sparse.csr_matrix, idf: Floats) -> sparse.csr_matrix:
    """Counts times idf, each row scaled to length 1."""
    table = counts @ sparse.diags(idf)
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return sparse.diags(1.0 / np.where(lengths == 0, 1.0, lengths)) @ table


def fit_first(counts: sparse.csr_matrix, levels: Integers, strength: float, seed: int) -> FirstStage:
    """Fit one linear head for each cut of the level scale; n-grams seen in one text only are ignored."""
    documents = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.where(documents >= 2, np.log((1 + counts.shape[0]) / (1 + documents)) + 1.0, 0.0)
    table = weighed(counts, idf)
    weights, bias = np.zeros((len(HEADS), SIZE)), np.zeros(len(HEADS))
    for place in range(len(HEADS)):
        model = LogisticRegression(C=strength, solver="liblinear", class_weight="balanced", random_state=seed)
        model.fit(table, levels > place)
        weights[place], bias[place] = model.coef_[0], model.intercept_[0]
    return FirstStage(idf, weights, bias)


def second_inputs(stage: FirstStage, examples: list[Example], counts: sparse.csr_matrix) -> tuple[Floats, Floats]:
    """Second-stage inputs of each example in its context, and as if it stood alone; both of shape (rows, inputs)."""
    said = stage.scores(counts)
    turns = [turn for example in examples for turn in example.before]
    earlier = stage.scores(count_table(turns)) if turns else np.zeros((0, len(HEADS)))
    rows, alone, place = [], [], 0
    for example, scores in zip(examples, said.astype(np.float32), strict=True):
        part = earlier[place : place + len(example.before)]
        place += len(example.before)
        before = (part.max(axis=0) if len(part) else np.full(len(HEADS), -3.0)).astype(np.float32)
        rows.append(dense(example.reading, scores, before))
        alone.append(dense(example.alone, scores, before))
    return np.stack(rows).astype(np.float64), np.stack(alone).astype(np.float64)


class FirstStages:
    """First stages by the authors they did not see; each is fitted once, for the folds meet the same ones again."""

    def __init__(self, examples: list[Example], counts: sparse.csr_matrix, strength: float, seed: int) -> None:
        self.examples, self.counts, self.strength, self.seed = examples, counts, strength, seed
        self.levels = np.array([example.level for example in examples])
        self.authors = np.array([example.author for example in examples])
        self._made: dict[frozenset[str], FirstStage] = {}

    def without(self, *authors: str) -> FirstStage:
        """The stage fitted on everybody else."""
        unseen = frozenset(authors)
        if unseen not in self._made:
            keep = np.flatnonzero(~np.isin(self.authors, list(unseen)))
            self._made[unseen] = fit_first(self.counts[keep], self.levels[keep], self.strength, self.seed)
        return self._made[unseen]

    def inputs(self, stage: FirstStage, own: Integers) -> tuple[Floats, Floats]:
        """Second-stage inputs of some rows, in context and alone."""
        return second_inputs(stage, [self.examples[place] for place in own], self.counts[own])


def held_out_inputs(stages: FirstStages, keep: Integers, *unseen: str) -> tuple[Floats, Floats]:
    """Inputs of the `keep` rows, in context and alone, each from a first stage that saw none of its author."""
    found: dict[int, tuple[Floats, Floats]] = {}
    for author in sorted(set(stages.authors[keep])):
        own = keep[stages.authors[keep] == author]
        inputs, alone = stages.inputs(stages.without(author, *unseen), own)
        found.update(zip(own.tolist(), zip(inputs, alone, strict=True), strict=True))
    return np.stack([found[place][0] for place in keep]), np.stack([found[place][1] for place in keep])


def fit_both_ways(held_out: tuple[Floats, Floats], examples: list[Example], seed: int) -> tuple[Floats, Floats]:
    """Stage two. Ordinary talk is learned in its context and alone, for so it is read in use."""
    inputs, alone = held_out
    levels = np.array([example.level for example in examples])
    again = np.array([example.author in ORDINARY and bool(example.before) for example in examples])
    return fit_second(np.concatenate([inputs, alone[again]]), np.concatenate([levels, levels[again]]), seed)


def fit_second(inputs: Floats, levels: Integers, seed: int) -> tuple[Floats, Floats]:
    """Weights (4, inputs) and bias (4,); unweighted classes, so that the chances are calibrated as they are."""
    models = [
        LogisticRegression(C=1.0, max_iter=4000, random_state=seed).fit(inputs, levels > place)
        for place in range(len(HEADS))
    ]
    return np.stack([model.coef_[0] for model in models]), np.array([model.intercept_[0] for model in models])


def chances(inputs: Floats, weights: Floats, bias: Floats) -> Floats:
    """Chance of at least low, moderate, high, imminent; shape (rows, 4), never rising along a row."""
    return np.asarray(np.minimum.accumulate(1.0 / (1.0 + np.exp(-(inputs @ weights.T + bias))), axis=1))


def cross_validate(stages: FirstStages) -> Floats:
    """Chances for each row from a model that never saw its author, thresholds and stage two included."""
    examples = stages.examples
    found = np.zeros((len(examples), len(HEADS)))
    for author in sorted(set(stages.authors)):
        others, own = np.flatnonzero(stages.authors != author), np.flatnonzero(stages.authors == author)
        held_out = held_out_inputs(stages, others, author)
        second = fit_both_ways(held_out, [examples[place] for place in others], stages.seed)
        inputs, alone = stages.inputs(stages.without(author), own)
        found[own] = np.maximum(chances(inputs, *second), chances(alone, *second))
    found[np.array([example.reading.is_small_talk for example in examples])] = 0.0
    return found


def choose_thresholds(examples: list[Example], found: Floats) -> dict[str, float]:
    """Lowest threshold of each head at which rules ∪ head stay within the allowed false alarms."""
    levels = np.array([example.level for example in examples])
    rules = np.array([example.rule_level for example in examples])
    none = levels == 0
    hard = np.array([example.is_hard for example in examples])
    written_hard = none & ~np.array([example.is_ordinary for example in examples])
    plain = none & np.array([example.author in PLAIN for example in examples])
    limits = (
        ((written_hard, SUPPORT_ALARMS_NONE), (plain, SUPPORT_ALARMS_TALK)),
        ((hard, FLAG_ALARMS_HARD), (plain, FLAG_ALARMS_TALK)),
        ((written_hard, PAGE_ALARMS_NONE), (plain, PAGE_ALARMS_TALK)),
        ((written_hard, IMMINENT_ALARMS_NONE), (plain, PAGE_ALARMS_TALK)),
    )
    thresholds = {}
    for place, groups in enumerate(limits):
        cuts = [_lowest_cut(group, limit, rules, found[:, place], place) for group, limit in groups]
        thresholds[HEADS[place]] = round(max(cuts) + 1e-4, 4)
    return thresholds


def _lowest_cut(group: npt.NDArray[np.bool_], limit: float, rules: Integers, found: Floats, place: int) -> float:
    """Score above which no more of the group are called than the limit allows, those called by rules counted in."""
    silent = group & (rules <= place)
    allowed = max(int(limit * group.sum()) - int((group & (rules > place)).sum()), 0)
    ordered = np.sort(found[silent])[::-1]
    return float(ordered[allowed]) if len(ordered) > allowed else 0.0


def figures(examples: list[Example], found: Floats, thresholds: dict[str, float]) -> dict[str, Any]:
    """What the model card tells: areas, calibration and gates, over all authors and for each."""
    report: dict[str, Any] = {}
    authors = np.array([example.author for example in examples])
    for name in ("all", *sorted(set(authors))):
        keep = np.flatnonzero(authors == name) if name != "all" else np.arange(len(examples))
        report[name] = _figures_of([examples[place] for place in keep], found[keep], thresholds)
    return report


def _figures_of(examples: list[Example], found: Floats, thresholds: dict[str, float]) -> dict[str, Any]:
    levels = np.array([example.level for example in examples])
    rules = np.array([example.rule_level for example in examples])
    hard = np.array([example.is_hard for example in examples])
    talk = np.array([example.is_ordinary for example in examples])
    reached = found >= np.array([thresholds[name] for name in HEADS])
    said = np.maximum(rules, np.max(reached * np.arange(1, 5), axis=1))
    return {
        "rows": len(examples),
        "auc": {name: area_under_curve(levels > place, found[:, place]) for place, name in enumerate(HEADS)},
        "ece": {name: calibration_error(levels > place, found[:, place]) for place, name in enumerate(HEADS)},
        "page_recall_imminent": _share(said[levels == 4] >= 3),
        "page_recall_high": _share(said[levels >= 3] >= 3),
        "flag_recall": _share(said[levels >= 2] >= 2),
        "severe_misses": _share(said[levels >= 3] <= 1),
        "flag_alarms_hard": _share(said[hard] >= 2),
        "page_alarms_none": _share(said[levels == 0] >= 3),
        "flag_alarms_talk": _share(said[talk] >= 2),
        "page_alarms_talk": _share(said[talk] >= 3),
        "rules_alone": {
            "flag_recall": _share(rules[levels >= 2] >= 2),
            "page_recall_high": _share(rules[levels >= 3] >= 3),
            "page_alarms_none": _share(rules[levels == 0] >= 3),
        },
    }


def _share(said: npt.NDArray[np.bool_]) -> float | None:
    """Share of true values; None where there is nothing to count."""
    return float(said.mean()) if len(said) else None


def train_language(
    language: Language, data: Path, dialogues: Path, strength: float, seed: int
) -> tuple[bytes, dict[str, Any]]:
    """Weights as safetensors bytes, and the entry of head.json without file and hash."""
    examples = load_examples(language, data, dialogues)
    counts = count_table([example.message for example in examples])
    stages = FirstStages(examples, counts, strength, seed)
    found = cross_validate(stages)
    thresholds = choose_thresholds(examples, found)
    held_out = held_out_inputs(stages, np.arange(len(examples)))
    second_weights, second_bias = fit_both_ways(held_out, examples, seed)
    stage = stages.without()
    tensors: dict[str, npt.NDArray[Any]] = {
        "idf": stage.idf.astype(np.float16),
        "weights": stage.weights.astype(np.float16),
        "bias": stage.bias.astype(np.float32),
        "second_weights": second_weights.astype(np.float32),
        "second_bias": second_bias.astype(np.float32),
    }
    entry = {
        "rows": len(examples),
        "thresholds": thresholds,
        "leave_one_author_out": figures(examples, found, thresholds),
    }
    return save(tensors), entry


def main(argv: list[str]) -> int:
    """Train both languages and write weights, hashes, thresholds and figures."""
    parser = argparse.ArgumentParser(prog="python -m ml.training risk")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of {risk,extra,everyday,plain}_{en,zh}.jsonl")
    parser.add_argument("--dialogues", type=Path, default=DIALOGUES, help="folder of sft_{en,zh}.jsonl")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--strength", type=float, default=10.0, help="inverse of the L2 penalty of stage one")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    contents: dict[str, bytes] = {}
    card: dict[str, Any] = {"version": HEAD_VERSION, "languages": {}}
    for language in LANGUAGES:
        started = time.monotonic()
        content, entry = train_language(language, args.data, args.dialogues, args.strength, args.seed)
        name = f"{language}.safetensors"
        contents[name] = content
        card["languages"][language] = {"file": name, "sha256": hashlib.sha256(content).hexdigest(), **entry}
        print(
            language, f"{time.monotonic() - started:.0f} s", json.dumps(entry["leave_one_author_out"]["all"], indent=1)
        )
    # Together at the end: weights and their pinned hashes must not be apart while the other language trains.
    for name, content in contents.items():
        (args.out / name).write_bytes(content)
    (args.out / "head.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    return 0
