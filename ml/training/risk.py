"""`python -m ml.training risk`: the last stage of the risk head, which weighs encoder, n-grams, rules and context.

It only ever learns from scores that the stages before it gave to authors they had not seen: the shipped encoder where
it never saw an author, else one that was trained without several, and n-grams fitted without each of them. It is judged
on each of these authors in turn, and the thresholds are chosen on all of them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save
from sklearn.linear_model import LogisticRegression

from ml.risk.dense import HEADS
from ml.risk.head import FOLDER
from ml.training import encoder_preceded, encoder_rows
from ml.training.risk_card import write_card
from ml.training.risk_figures import after_talk, choose_thresholds, figures
from ml.training.risk_ngrams import FirstStages, Floats, Integers, Views
from ml.training.risk_rows import DATA, DIALOGUES, ORDINARY, Example, load_examples
from ml.types import Language

HEAD_VERSION = "head-7"
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def fit_all_ways(held_out: Views, examples: list[Example], seed: int) -> tuple[Floats, Floats]:
    """Stage two. Ordinary talk is learned in its context and alone, and what stands alone after plain talk, too: use
    reads it so.
    """
    levels = np.array([example.level for example in examples])
    again = np.array([example.author in ORDINARY and bool(example.before) for example in examples])
    later = np.array([example.later is not None for example in examples])
    inputs = np.concatenate([held_out.context, held_out.alone[again], held_out.after[later]])
    return fit_second(inputs, np.concatenate([levels, levels[again], levels[later]]), seed)


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


def cross_validate(stages: FirstStages) -> tuple[Floats, Floats]:
    """Chances for each row from stages that never saw its author: in its context, and after plain talk."""
    examples = stages.examples
    found, after = np.zeros((len(examples), len(HEADS))), np.zeros((len(examples), len(HEADS)))
    for author in stages.judged:
        others = np.flatnonzero(np.isin(stages.groups, [one for one in stages.judged if one != author]))
        own = np.flatnonzero(stages.groups == author)
        second = fit_all_ways(stages.held_out(others, author), [examples[place] for place in others], stages.seed)
        inputs = stages.inputs(stages.without(author), own)
        found[own], after[own] = chances(inputs.context, *second), chances(inputs.after, *second)
    found[np.array([example.reading.says_nothing for example in examples])] = 0.0
    return found, after


def read_scores(file: Path, language: Language, examples: list[Example]) -> tuple[Views, npt.NDArray[np.str_]]:
    """Encoder scores of the authors it was trained without, and these authors; the group of all others is empty.

    Raises:
        ValueError: the file was made for other rows.
    """
    views = Views(*(np.zeros((len(examples), len(HEADS))) for _ in range(3)))
    groups = np.full(len(examples), "", dtype="<U4")
    with np.load(file) as tables:
        if int(tables[f"{language}.digest"]) != encoder_rows.digest(encoder_rows.risk(language)):
            raise ValueError(f"{file}: made for other rows; run `python -m ml.training encoder --leave-out` again")
        places = tables[f"{language}.places"]
        views.context[places], views.alone[places] = tables[f"{language}.context"], tables[f"{language}.alone"]
        views.after[places] = tables[f"{language}.after"]
    groups[places] = [examples[place].author for place in places]
    # In use, greetings before a message are left out; so it is read alone here, too.
    is_alone = np.array([not example.reading.context for example in examples])
    views.context[is_alone] = views.alone[is_alone]
    return views, groups


def put_after_talk(language: Language, examples: list[Example], groups: npt.NDArray[np.str_]) -> list[Example]:
    """The examples; those that stand alone and are judged know themselves after plain talk, too."""
    rows = encoder_preceded.after_openings(encoder_rows.risk(language))
    return [
        replace(example, later=example.after(row.context)) if group and not example.reading.context else example
        for example, row, group in zip(examples, rows, groups, strict=True)
    ]


def train_language(language: Language, args: argparse.Namespace) -> tuple[bytes, dict[str, Any]]:
    """Weights as safetensors bytes, and the entry of head.json without file and hash."""
    examples = load_examples(language, args.data, args.dialogues)
    encoded, groups = read_scores(args.scores, language, examples)
    shipped, unseen = read_scores(args.shipped, language, examples)
    own = np.flatnonzero(unseen != "")
    # What the shipped encoder says counts wherever it never saw the author: that is what use will be like.
    encoded.context[own], encoded.alone[own], groups[own] = shipped.context[own], shipped.alone[own], unseen[own]
    encoded.after[own] = shipped.after[own]
    examples = put_after_talk(language, examples, groups)
    stages = FirstStages(examples, groups, encoded, args.strength, args.seed)
    found, after = cross_validate(stages)
    judged = np.flatnonzero(groups != "")
    chosen, fresh = [examples[place] for place in judged], [examples[place] for place in own]
    thresholds = choose_thresholds(chosen, found[judged])
    second_weights, second_bias = fit_all_ways(stages.held_out(judged), chosen, args.seed)
    stage = stages.without()
    tensors: dict[str, npt.NDArray[Any]] = {
        **as_bytes("idf", stage.idf),
        **as_bytes("weights", stage.weights),
        "bias": stage.bias.astype(np.float32),
        "second_weights": second_weights.astype(np.float32),
        "second_bias": second_bias.astype(np.float32),
    }
    if args.keep_chances:
        kept = {"found": found[judged], "after": after[judged], "places": judged}
        np.savez(args.keep_chances / f"chances-{language}.npz", **kept)  # type: ignore[arg-type]
    entry = {
        "rows": len(examples),
        "rows_judged": len(judged),
        "thresholds": thresholds,
        "leave_one_author_out": figures(chosen, found[judged], thresholds),
        "shipped_on_unseen": figures(fresh, found[own], thresholds),
        "after_plain_talk": after_talk(chosen, found[judged], after[judged], thresholds),
    }
    return save(tensors), entry


def as_bytes(name: str, values: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    """A table as int8, and the size of its steps: one for each row, shape (rows, 1), or for a line of numbers (1,)."""
    step = np.maximum(np.abs(values).max(axis=-1, keepdims=True), 1e-9) / 127.0
    return {name: np.round(values / step).astype(np.int8), f"{name}_step": step.astype(np.float32)}


def main(argv: list[str]) -> int:
    """Train both languages and write weights, hashes, thresholds and figures."""
    parser = argparse.ArgumentParser(prog="python -m ml.training risk")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of labelled messages (ml/data/risk)")
    parser.add_argument("--dialogues", type=Path, default=DIALOGUES, help="folder of sft_{en,zh}.jsonl")
    parser.add_argument(
        "--scores", type=Path, required=True, help="file that `python -m ml.training encoder --leave-out` wrote"
    )
    parser.add_argument(
        "--shipped", type=Path, required=True, help="the same of the encoder that is shipped, of authors it never saw"
    )
    parser.add_argument("--keep-chances", type=Path, help="folder for the cross-validated chances of every row")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--strength", type=float, default=10.0, help="inverse of the L2 penalty of stage one")
    parser.add_argument("--jobs", type=int, default=1, help="languages trained at the same time")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    contents: dict[str, bytes] = {}
    card: dict[str, Any] = {"version": HEAD_VERSION, "languages": {}}
    started = time.monotonic()
    if args.jobs > 1:
        with ProcessPoolExecutor(args.jobs) as pool:
            trained = list(pool.map(train_language, LANGUAGES, [args] * len(LANGUAGES)))
    else:
        trained = [train_language(language, args) for language in LANGUAGES]
    for language, (content, entry) in zip(LANGUAGES, trained, strict=True):
        name = f"{language}.safetensors"
        contents[name] = content
        card["languages"][language] = {"file": name, "sha256": hashlib.sha256(content).hexdigest(), **entry}
        print(language, f"{time.monotonic() - started:.0f} s", json.dumps(entry["shipped_on_unseen"]["all"], indent=1))
    # Together at the end: weights and their pinned hashes must not be apart while the other language trains.
    for name, content in contents.items():
        (args.out / name).write_bytes(content)
    (args.out / "head.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    write_card(args.out, card)
    return 0
