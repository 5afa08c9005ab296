"""The training loop of an adapter: same seed, same adapter, also when it was killed and taken up again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from ml.training import lora_checkpoint
from ml.training.lora_checkpoint import Progress
from ml.training.lora_data import MASKED, Example, collate


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Steps are optimiser steps: `batch` × `accumulate` examples each."""

    epochs: int
    batch: int
    accumulate: int
    rate: float
    eval_every: int
    patience: int
    seed: int


class Writer(Protocol):
    """Where curves go; TensorBoard's SummaryWriter fits."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> object:
        """One point of a curve."""


class AdapterTrainer:
    """Trains the parameters that want gradients; the best adapter on held-out dialogues is what lies in `out`."""

    def __init__(self, model: Any, pad: int, options: LoopOptions, out: Path, writer: Writer, fingerprint: str) -> None:
        self.model, self.pad, self.options = model, pad, options
        self.out, self.writer, self.fingerprint = out, writer, fingerprint
        self.device = next(model.parameters()).device
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(self.parameters, lr=options.rate, weight_decay=0.0)

    def run(self, train: Sequence[Example], held: Sequence[Example]) -> Progress:
        """Train to the end, or until the held-out loss has not fallen for `patience` evaluations."""
        options, total = self.options, self.total_steps(len(train))
        progress = lora_checkpoint.restore(self.out, self.model, self.optimiser, self.fingerprint)
        if progress.step == 0:
            progress.first_loss = progress.best_loss = self.evaluate(held)
            self._keep()
        for step, group in self._groups(train, after=progress.step):
            if progress.stale >= options.patience:
                break
            loss = self._step(step, total, group)
            progress.step = step
            self.writer.add_scalar("loss/train", loss, step)
            if step % options.eval_every == 0 or step == total:
                self._judge(progress, self.evaluate(held))
                lora_checkpoint.save(self.out, self.model, self.optimiser, progress, self.fingerprint)
        return progress

    def total_steps(self, examples: int) -> int:
        """Optimiser steps of the whole run."""
        return self.options.epochs * math.ceil(examples / (self.options.batch * self.options.accumulate))

    def evaluate(self, examples: Sequence[Example]) -> float:
        """Mean loss of the learned tokens, in nats."""
        self.model.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for start in range(0, len(examples), self.options.batch):
                loss, tokens = self._loss(examples[start : start + self.options.batch])
                total, count = total + loss.item(), count + tokens
        self.model.train()
        return total / max(count, 1)

    def _groups(self, train: Sequence[Example], after: int) -> Iterator[tuple[int, list[list[Example]]]]:
        """(step, micro-batches) for the steps later than `after`; each epoch in its own shuffled order."""
        size, step = self.options.batch * self.options.accumulate, 0
        for epoch in range(self.options.epochs):
            draw = torch.Generator().manual_seed(self.options.seed * 10_007 + epoch)
            order = torch.randperm(len(train), generator=draw).tolist()
            for start in range(0, len(order), size):
                step += 1
                if step > after:
                    chosen = [train[place] for place in order[start : start + size]]
                    yield step, [chosen[i : i + self.options.batch] for i in range(0, len(chosen), self.options.batch)]

    def _step(self, step: int, total: int, group: list[list[Example]]) -> float:
        # Dropout draws from the step's own stream, so a run taken up again goes on as if it had never stopped.
        torch.manual_seed(self.options.seed * 1_000_003 + step)
        for settings in self.optimiser.param_groups:
            settings["lr"] = self.options.rate * _warm_cosine(step, total)
        self.model.train()
        self.optimiser.zero_grad()
        # One mean over all tokens of the group, however they fall into micro-batches.
        tokens = sum(label != MASKED for batch in group for item in batch for label in item.labels[1:])
        summed = 0.0
        for batch in group:
            loss, _ = self._loss(batch)
            (loss / tokens).backward()  # type: ignore[no-untyped-call]
            summed += loss.item()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        return summed / tokens

    def _loss(self, batch: Sequence[Example]) -> tuple[Tensor, int]:
        """Summed cross entropy of the learned tokens of a batch, and their number."""
        data = collate(batch, self.pad, self.device)
        labels = data.pop("labels")
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda"):
            # Without a cache: only then does transformers look at the positions and keep packed examples apart.
            logits = self.model(**data, use_cache=False).logits
        labels = labels[:, 1:]  # each token is predicted from those before it
        wanted = labels != MASKED
        # Only learned places go to float32: [learned tokens, vocabulary] instead of [batch, length, vocabulary].
        loss = functional.cross_entropy(logits[:, :-1][wanted].float(), labels[wanted], reduction="sum")
        return loss, int(wanted.sum())

    def _judge(self, progress: Progress, loss: float) -> None:
        self.writer.add_scalar("loss/held_out", loss, progress.step)
        print(f"step {progress.step} held-out loss {loss:.4f} (best {progress.best_loss:.4f})", flush=True)
        if loss < progress.best_loss:
            progress.best_loss, progress.stale = loss, 0
            self._keep()
        else:
            progress.stale += 1

    def _keep(self) -> None:
        self.model.save_pretrained(str(self.out), safe_serialization=True)


def _warm_cosine(step: int, total: int) -> float:
    """Share of the full rate: a linear start over 5 % of the steps, then half a cosine down to a tenth."""
    warm = max(1, total // 20)
    if step <= warm:
        return step / warm
    share = (step - warm) / max(1, total - warm)
    return 0.1 + 0.45 * (1 + math.cos(math.pi * share))
