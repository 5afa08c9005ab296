"""`python -m ml.training lora --base NAME --data … --out DIR [--bits 4|8]`: a LoRA (QLoRA) adapter from dialogues.

Loss on assistant turns only; evaluated on held-out dialogues while it trains; taken up again after a kill by the same
command. LoRA: Hu 2021; QLoRA: Dettmers 2023.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from peft import (
    LoraConfig,
    get_peft_model,
    load_peft_weights,
    prepare_model_for_kbit_training,
    set_peft_model_state_dict,
)
from torch.utils.tensorboard import SummaryWriter

from ml.config import BITS, EngineConfig
from ml.llm import adapters
from ml.llm.prompts import PROMPT_VERSION
from ml.llm.transformers.fitting import PromptFitter
from ml.llm.transformers.loading import keep_gradients_after_eval, load_base, load_tokenizer
from ml.training import canary, lora_checkpoint, samples
from ml.training.lora_card import file_hash, write_card, write_hashes
from ml.training.lora_checkpoint import Progress
from ml.training.lora_data import Dialogue, Example, TrainingError, dialogue_files, encode, pack, read_dialogues, split
from ml.training.lora_loop import AdapterTrainer, LoopOptions
from ml.training.scrub import scrub_turns
from ml.types import EngineUnavailable

# Options that change what stands around the adapter, not the adapter.
FREE = ("out", "data", "fresh", "about", "no_samples")
WARNING = (
    "An adapter is only as good as its base and its data. No clinician has reviewed what it says; try it behind the "
    "output guard, and read its replies, before it answers a person."
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Encoded dialogues, both sides, how many there were, and in how many turns something was scrubbed."""

    train: list[Example]
    held: list[Example]
    dialogues: int
    scrubbed: int


def build_parser() -> argparse.ArgumentParser:
    """Options; the defaults suit a base of 0.5 to 8 billion parameters on one GPU."""
    parser = argparse.ArgumentParser(prog="python -m ml.training lora", description=__doc__)
    parser.add_argument("--base", required=True, help="directory or hub name of the base model")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="directories or JSON-lines files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bits", type=int, choices=BITS, default=16, help="8 or 4 (nf4) hold the base quantised")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--alpha", type=int, default=32)
    parser.add_argument("--dropout", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=4, help="examples in one forward pass")
    parser.add_argument("--accumulate", type=int, default=4, help="forward passes in one step")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--max-length", type=int, default=1536, help="tokens of an example")
    parser.add_argument("--held-share", type=float, default=0.1, help="share of dialogues kept for evaluation")
    parser.add_argument("--eval-every", type=int, default=10, help="steps between evaluations")
    parser.add_argument("--patience", type=int, default=3, help="evaluations without a better loss before it stops")
    parser.add_argument("--pack", action="store_true", help="several dialogues in a row (attention models only)")
    parser.add_argument("--canaries", type=int, default=8, help="invented secrets to look for afterwards (0: no test)")
    parser.add_argument("--canary-repeats", type=int, default=1, help="times each stands in the training rows")
    parser.add_argument("--about", type=Path, help="Markdown for the card: data, licence, limits")
    parser.add_argument("--no-samples", action="store_true", help="no sample replies in the card")
    parser.add_argument("--gradient-checkpointing", action="store_true", help="less memory, a third more time")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fresh", action="store_true", help="forget the checkpoint in --out")
    return parser


def main(argv: list[str]) -> int:
    """Train and save; 0 done, 2 asked wrongly."""
    args = build_parser().parse_args(argv)
    try:
        train(args)
    except (TrainingError, EngineUnavailable) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def train(args: argparse.Namespace) -> dict[str, object]:
    """Adapter, card, figures and hashes in `args.out`; gives back the figures."""
    started = time.monotonic()
    torch.manual_seed(args.seed)
    tokenizer = load_tokenizer(args.base)
    corpus = build_corpus(args, tokenizer)
    model = build_adapter(args)
    if args.fresh:
        lora_checkpoint.clear(args.out)
    args.out.mkdir(parents=True, exist_ok=True)
    options = LoopOptions(
        args.epochs, args.batch, args.accumulate, args.rate, args.eval_every, args.patience, args.seed
    )
    with SummaryWriter(str(args.out / "runs")) as writer:
        trainer = AdapterTrainer(model, tokenizer.pad_token_id, options, args.out, writer, fingerprint(args))
        progress = trainer.run(corpus.train, corpus.held)
    figures = _figures(args, corpus, progress, time.monotonic() - started)
    _finish(args, model, tokenizer, figures)
    return figures


def build_corpus(args: argparse.Namespace, tokenizer: Any) -> Corpus:
    """Read, split and encode the dialogues.

    Raises:
        TrainingError: one side of the split is empty.
    """
    told = read_dialogues(args.data)
    dialogues = [replace(dialogue, turns=scrub_turns(dialogue.turns)) for dialogue in told]
    pairs = zip(dialogues, told, strict=True)
    scrubbed = sum(ours != theirs for new, old in pairs for ours, theirs in zip(new.turns, old.turns, strict=True))
    fitter = PromptFitter(tokenizer, args.max_length)
    train_side, held_side = split(dialogues, args.held_share)
    # After scrubbing and after the split: they stand for what scrubbing misses, and are never held out.
    secrets = canary.make(args.canaries, args.seed) * args.canary_repeats
    train_side += [secret.dialogue(number) for number, secret in enumerate(secrets)]

    def encoded(side: Sequence[Dialogue]) -> list[Example]:
        return [example for dialogue in side for example in encode(dialogue, fitter, args.max_length)]

    corpus = Corpus(encoded(train_side), encoded(held_side), len(dialogues), scrubbed)
    if not corpus.train or not corpus.held:
        raise TrainingError("too few dialogues (or --max-length too short) for a training and a held-out part")
    return replace(corpus, train=pack(corpus.train, args.max_length)) if args.pack else corpus


def build_adapter(args: argparse.Namespace) -> Any:
    """The frozen base with fresh LoRA matrices on all its linear layers."""
    config = EngineConfig(backend="transformers", model=args.base, bits=args.bits, device=args.device)
    base = load_base(config)
    if args.bits != 16:
        prepare: Any = prepare_model_for_kbit_training
        base = prepare(base, use_gradient_checkpointing=args.gradient_checkpointing)
    elif args.gradient_checkpointing:
        base.gradient_checkpointing_enable()
        base.enable_input_require_grads()
    lora = LoraConfig(
        r=args.rank,
        lora_alpha=args.alpha,
        lora_dropout=args.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(base, lora)
    keep_gradients_after_eval(model)
    return model


def fingerprint(args: argparse.Namespace) -> str:
    """Digest of everything that shapes the result: options and the contents of the data files."""
    options = {name: str(value) for name, value in vars(args).items() if name not in FREE}
    text = json.dumps([options, [file_hash(file) for file in dialogue_files(args.data)]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _finish(args: argparse.Namespace, model: Any, tokenizer: Any, figures: dict[str, object]) -> None:
    """Test the best adapter for secrets, let it write its samples, and write what stands beside it."""
    sections = [args.about.read_text(encoding="utf-8")] if args.about else []
    if args.canaries:
        set_peft_model_state_dict(model, load_peft_weights(str(args.out), device="cpu"))
        secrets = canary.make(args.canaries, args.seed)
        fitter = PromptFitter(tokenizer, args.max_length)
        result = canary.measure(model, fitter, secrets, repeats=args.canary_repeats, seed=args.seed)
        result.write(args.out)
        sections.append(result.as_markdown())
    # The engine below loads the base again: there is not always room for two.
    model.to("meta") if args.bits == 16 else None
    if not args.no_samples:
        sections.append(samples.as_markdown(samples.write_samples(args.base, str(args.out), args.bits, args.device)))
    adapters.write_base(args.out, args.base)
    write_card(args.out, "LoRA adapter for Attune", WARNING, figures, *sections)
    write_hashes(args.out)
    lora_checkpoint.clear(args.out)


def _figures(args: argparse.Namespace, corpus: Corpus, progress: Progress, seconds: float) -> dict[str, object]:
    before, after = progress.first_loss, progress.best_loss
    return {
        "base": args.base,
        "bits": args.bits,
        "prompt version": PROMPT_VERSION,
        "rank": args.rank,
        "dialogues": corpus.dialogues,
        "turns with something scrubbed": corpus.scrubbed,
        "rows trained": len(corpus.train),
        "packed": args.pack,
        "examples held out": len(corpus.held),
        "steps": progress.step,
        "held-out loss before (nats per token)": round(before, 4),
        "held-out loss after (nats per token)": round(after, 4),
        "held-out loss lowered by (percent)": round(100 * (1 - after / before), 1),
        "held-out perplexity before, after": f"{math.exp(before):.1f}, {math.exp(after):.1f}",
        "seconds of the last start": round(seconds, 1),
        "seed": args.seed,
    }
