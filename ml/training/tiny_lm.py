"""`python -m ml.training tiny_lm --data DIR --out DIR`: a small bilingual language model for tests and demonstration.

It shows that the whole path (template, adapter, batching, streaming) works anywhere. It is not fit to talk to people.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from ml.llm.transformers.fitting import PromptFitter
from ml.training.lora_card import write_card, write_hashes
from ml.training.lora_data import MASKED, Dialogue, TrainingError, messages_of, read_dialogues
from ml.training.small_base import build_tokenizer

WARNING = (
    "Test and demonstration only. Trained for a minute or two on a few hundred authored dialogues; what it writes is "
    "often nonsense. Never let it answer a person."
)


def build_parser() -> argparse.ArgumentParser:
    """Options; the defaults take about two minutes on one core."""
    parser = argparse.ArgumentParser(prog="python -m ml.training tiny_lm", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="directories or JSON-lines files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--width", type=int, default=160)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--vocabulary", type=int, default=4000)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=4, help="windows in a step")
    parser.add_argument("--window", type=int, default=512, help="tokens in a window")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
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


def train(args: argparse.Namespace) -> dict[str, object]:
    """Tokenizer, model, card and hashes in `args.out`; gives back the figures."""
    started = time.monotonic()
    torch.manual_seed(args.seed)
    dialogues = read_dialogues(args.data)
    texts = (message["content"] for dialogue in dialogues for message in messages_of(dialogue)[1:])
    tokenizer = build_tokenizer(texts, args.vocabulary)
    model = build_model(tokenizer, args)
    stream = _token_stream(dialogues, tokenizer, args.context)
    if stream.shape[1] <= args.window:
        raise TrainingError(f"only {stream.shape[1]} tokens of text: too few for windows of {args.window}")
    loss = fit(model, _windows(stream, args), args)
    args.out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(args.out, safe_serialization=True)
    tokenizer.save_pretrained(args.out)
    figures: dict[str, object] = {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "dialogues": len(dialogues),
        "tokens of text": stream.shape[1],
        "steps": args.steps,
        "last training loss (nats per token)": round(loss, 3),
        "seconds": round(time.monotonic() - started, 1),
        "seed": args.seed,
    }
    write_card(args.out, "Attune tiny language model", WARNING, figures)
    write_hashes(args.out)
    return figures


def build_model(tokenizer: PreTrainedTokenizerFast, args: argparse.Namespace) -> Qwen3ForCausalLM:
    """Qwen3's shape in small: grouped queries, tied embeddings."""
    build: Any = Qwen3Config
    config = build(
        vocab_size=len(tokenizer),
        hidden_size=args.width,
        intermediate_size=3 * args.width,
        num_hidden_layers=args.layers,
        num_attention_heads=args.heads,
        num_key_value_heads=max(1, args.heads // 2),
        head_dim=args.width // args.heads,
        max_position_embeddings=args.context,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen3ForCausalLM(config)


def fit(model: Any, batches: Iterator[Tensor], args: argparse.Namespace) -> float:
    """AdamW with one cosine; gives back the mean loss of the last ten steps."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.rate, total_steps=args.steps, pct_start=0.1)
    model.train()
    losses: list[float] = []
    for step in range(1, args.steps + 1):
        ids, labels = next(batches).unbind(1)  # each [batch, window]
        loss = model(input_ids=ids, labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses = [*losses[-9:], loss.item()]
        if step % 50 == 0 or step == args.steps:
            print(f"step {step}/{args.steps} loss {sum(losses) / len(losses):.3f}", flush=True)
    model.eval()
    return sum(losses) / len(losses)


def _token_stream(dialogues: Sequence[Dialogue], tokenizer: PreTrainedTokenizerFast, context: int) -> Tensor:
    """All dialogues end to end, shape [2, tokens]: ids and labels. The rules are read but not learned by heart."""
    fitter = PromptFitter(tokenizer, context)
    ids: list[int] = []
    labels: list[int] = []
    for dialogue in dialogues:
        messages = messages_of(dialogue)
        rules, whole = fitter.encode(messages[:1], False), fitter.encode(messages, False)
        ids += whole
        labels += [MASKED] * len(rules) + whole[len(rules) :]
    return torch.tensor([ids, labels])


def _windows(stream: Tensor, args: argparse.Namespace) -> Iterator[Tensor]:
    """Endless random windows, shape [batch, 2, window], each ending in a learned token: none is without a lesson."""
    draw = torch.Generator().manual_seed(args.seed)
    ends = (stream[1, args.window :] != MASKED).nonzero().squeeze(1) + args.window + 1
    while True:
        chosen = ends[torch.randint(len(ends), (args.batch,), generator=draw)]
        yield torch.stack([stream[:, end - args.window : end] for end in chosen.tolist()])
