"""`python -m ml.training pretrain --data DIR --out DIR`: the small bilingual base model, from public text.

Which files, under which licences and in which shares: `pretrain_sources.toml`. The same command goes on after a kill.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.tensorboard import SummaryWriter
from transformers import PreTrainedTokenizerFast

from ml.training import checkpoints, pretrain_sources, samples
from ml.training.lora_card import file_hash, write_hashes
from ml.training.lora_data import TrainingError
from ml.training.pretrain_card import write_base_card
from ml.training.pretrain_loop import BaseTrainer, LoopOptions, Progress
from ml.training.pretrain_sources import Source
from ml.training.pretrain_stream import PackedCorpus, Packer, pack, train_tokenizer
from ml.training.small_base import Shape, build_llama

# Options that change where or how long a run goes, not what it is.
FREE = ("out", "data", "fresh", "table", "no_samples")
FEWEST_TOKENS = 300  # of a vocabulary: 256 bytes and the special ones


def build_parser() -> argparse.ArgumentParser:
    """Options; the defaults are those of the shipped base."""
    parser = argparse.ArgumentParser(prog="python -m ml.training pretrain", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder in which the files of the table lie")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--table", type=Path, default=pretrain_sources.TABLE, help="table of sources (TOML)")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--vocabulary", type=int, default=8192)
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--tokens", type=int, default=5_000_000, help="tokens of text to pack")
    parser.add_argument("--epochs", type=int, default=1, help="times to read them")
    parser.add_argument("--minutes", type=float, default=0.0, help="stop after so many minutes of training, all starts")
    parser.add_argument("--window", type=int, default=512, help="tokens in a packed window")
    parser.add_argument("--batch", type=int, default=4, help="windows in a step")
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--rules-share", type=float, default=0.12, help="share of dialogues shown with our rules")
    parser.add_argument("--eval-every", type=int, default=100, help="steps between evaluations")
    parser.add_argument("--save-every", type=int, default=50, help="steps between checkpoints")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="bfloat16")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-samples", action="store_true", help="no sample replies in the card")
    parser.add_argument("--fresh", action="store_true", help="forget the checkpoint in --out")
    return parser


def main(argv: list[str]) -> int:
    """Train and save; 0 done, 2 asked wrongly."""
    args = build_parser().parse_args(argv)
    try:
        train(args)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def train(args: argparse.Namespace) -> dict[str, Any]:
    """Tokenizer, model (fp16 safetensors), card, figures and hashes in `args.out`; gives back the figures."""
    sources = pretrain_sources.read_table(args.table, args.data)
    if args.vocabulary < FEWEST_TOKENS or args.vocabulary > 1 << 16:
        raise TrainingError(f"--vocabulary must lie between {FEWEST_TOKENS} and {1 << 16}")
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.fresh:
        checkpoints.clear(args.out)
    tokenizer = train_tokenizer(sources, args.data, args.vocabulary)
    packer = Packer(tokenizer, args.rules_share)
    corpus = pack(sources, args.data, packer, budget=args.tokens, window=args.window, seed=args.seed)
    print(f"{len(corpus.train)} windows of {args.window} tokens from {len(sources)} sources", flush=True)
    model = build_llama(tokenizer, Shape(args.width, args.layers, args.heads, args.context)).to(args.device)
    with SummaryWriter(str(args.out / "runs")) as writer:
        trainer = BaseTrainer(model, _options(args), args.out, writer, fingerprint(args, sources))
        progress = trainer.run(corpus.train, corpus.held)
    return _finish(args, sources, tokenizer, model, corpus, progress)


def fingerprint(args: argparse.Namespace, sources: Sequence[Source]) -> str:
    """Digest of everything that shapes the result: options, the table and the contents of its files."""
    options = {name: str(value) for name, value in vars(args).items() if name not in FREE}
    files = [(str(source), file_hash(args.data / source.file)) for source in sources]
    return hashlib.sha256(json.dumps([options, files], sort_keys=True).encode()).hexdigest()


def _options(args: argparse.Namespace) -> LoopOptions:
    return LoopOptions(
        args.batch, args.epochs, args.rate, args.minutes, args.eval_every, args.save_every, args.seed, args.precision
    )


def _finish(
    args: argparse.Namespace,
    sources: Sequence[Source],
    tokenizer: PreTrainedTokenizerFast,
    model: Any,
    corpus: PackedCorpus,
    progress: Progress,
) -> dict[str, Any]:
    """Everything that stands in the folder; the checkpoint goes last."""
    figures: dict[str, Any] = {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "vocabulary": len(tokenizer),
        "context (tokens)": args.context,
        "steps": progress.step,
        "tokens trained": progress.tokens,
        "tokens packed": int(corpus.train.shape[0] * corpus.train.shape[2]),
        "minutes of training, all starts": round(progress.seconds / 60, 1),
        "starts": progress.starts,
        "training loss, last (nats per token)": round(progress.train_loss, 4),
        "held-out loss (nats per token)": {name: round(loss, 4) for name, loss in progress.losses.items()},
        "precision of training": args.precision,
        "seed": args.seed,
    }
    model.to(device="cpu", dtype=torch.float16).eval()
    model.save_pretrained(args.out, safe_serialization=True)
    tokenizer.save_pretrained(args.out)
    told = "" if args.no_samples else samples.as_markdown(samples.write_samples(str(args.out)))
    write_base_card(args.out, figures, sources, corpus.tokens, told)
    write_hashes(args.out)
    checkpoints.clear(args.out)
    return figures
