"""The training loop of a base model: seeded, taken up again after a kill, ended by a budget of tokens or of time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from ml.training import checkpoints
from ml.training.lora_data import MASKED
from ml.training.lora_loop import Writer

WARM, COOL = 0.03, 0.4  # shares of the run in which the rate rises, and falls to nothing


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """`minutes` 0: no limit of time. The rate follows whichever budget is further spent."""

    batch: int
    epochs: int
    rate: float
    minutes: float
    eval_every: int
    save_every: int
    seed: int
    precision: str


@dataclass(slots=True)
class Progress:
    """How far a run has come, over all its starts. `losses`: held-out loss by language at the last evaluation."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    starts: int = 0
    train_loss: float = 0.0
    losses: dict[str, float] = field(default_factory=dict)


class BaseTrainer:
    """Trains every weight: matrices with Muon (Jordan 2024), embeddings and norms with AdamW."""

    def __init__(self, model: Any, options: LoopOptions, out: Path, writer: Writer, fingerprint: str) -> None:
        self.model, self.options, self.out = model, options, out
        self.writer, self.fingerprint = writer, fingerprint
        self.device = next(model.parameters()).device
        self.optimisers = _optimisers(model, options.rate)

    def run(self, train: Tensor, held: Mapping[Any, Tensor]) -> Progress:
        """Train until a budget is spent. `train`: [windows, 2, width]; `held`: the same by language."""
        progress = self._restore()
        progress.starts += 1
        total = self.options.epochs * (len(train) // self.options.batch)
        began, before = time.monotonic(), progress.seconds
        with tqdm(total=total, initial=progress.step, unit="step", desc="pretrain", mininterval=5) as bar:
            while progress.step < total and not self._is_late(progress):
                share = max(progress.step / total, self._share_of_time(progress))
                loss = self._step(self._batch(train, progress.step), share)
                progress.step += 1
                progress.tokens += self.options.batch * train.shape[2]
                progress.seconds = before + time.monotonic() - began
                progress.train_loss = 0.98 * progress.train_loss + 0.02 * loss if progress.step > 1 else loss
                self.writer.add_scalar("loss/train", loss, progress.step)
                bar.update()
                bar.set_postfix(loss=f"{progress.train_loss:.3f}", tokens=f"{progress.tokens / 1e6:.2f}M")
                if progress.step % self.options.eval_every == 0:
                    self._judge(progress, held)
                if progress.step % self.options.save_every == 0:
                    self._save(progress)
        self._judge(progress, held)
        return progress

    def evaluate(self, windows: Tensor) -> float:
        """Mean loss of the learned tokens, in nats."""
        self.model.eval()
        total, count = 0.0, 0
        with torch.no_grad():
            for start in range(0, len(windows), self.options.batch):
                loss, tokens = self._loss(windows[start : start + self.options.batch])
                total, count = total + loss.item(), count + tokens
        self.model.train()
        return total / max(count, 1)

    def _batch(self, train: Tensor, step: int) -> Tensor:
        """The windows of a step; from the second epoch on in another order. Depends on the step alone."""
        size = self.options.batch
        epoch, place = divmod(step, len(train) // size)
        if epoch == 0:
            return train[place * size : (place + 1) * size]
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(self.options.seed + epoch))
        return train[order[place * size : (place + 1) * size]]

    def _step(self, batch: Tensor, share: float) -> float:
        rate = self.options.rate * _trapezoid(share)
        for optimiser in self.optimisers:
            for settings in optimiser.param_groups:
                settings["lr"] = rate
            optimiser.zero_grad()
        loss, tokens = self._loss(batch)
        (loss / max(tokens, 1)).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        return loss.item() / max(tokens, 1)

    def _loss(self, batch: Tensor) -> tuple[Tensor, int]:
        """Summed cross entropy of the learned tokens, and their number."""
        data = batch.to(self.device, torch.long)
        is_half = self.options.precision == "bfloat16"
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=is_half):
            logits = self.model(input_ids=data[:, 0, :-1], use_cache=False).logits
        labels = data[:, 1, 1:].reshape(-1)
        loss = functional.cross_entropy(logits.float().flatten(0, 1), labels, ignore_index=MASKED, reduction="sum")
        return loss, int((labels != MASKED).sum())

    def _judge(self, progress: Progress, held: Mapping[Any, Tensor]) -> None:
        progress.losses = {str(language): self.evaluate(windows) for language, windows in held.items()}
        for language, loss in progress.losses.items():
            self.writer.add_scalar(f"loss/held_out_{language}", loss, progress.step)
        told = ", ".join(f"{language} {loss:.4f}" for language, loss in progress.losses.items())
        tqdm.write(f"step {progress.step}, {progress.tokens} tokens, {progress.seconds:.0f} s: held-out loss {told}")

    def _share_of_time(self, progress: Progress) -> float:
        return progress.seconds / (60 * self.options.minutes) if self.options.minutes else 0.0

    def _is_late(self, progress: Progress) -> bool:
        return self._share_of_time(progress) >= 1

    def _save(self, progress: Progress) -> None:
        optimisers = [optimiser.state_dict() for optimiser in self.optimisers]
        state = {"progress": asdict(progress), "model": self.model.state_dict(), "optimisers": optimisers}
        checkpoints.write(self.out, state, self.fingerprint)

    def _restore(self) -> Progress:
        state = checkpoints.read(self.out, self.fingerprint)
        if state is None:
            return Progress()
        self.model.load_state_dict(state["model"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        return Progress(**state["progress"])


def _optimisers(model: Any, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices between the layers, scaled so that one rate suits both."""
    embedding = model.get_input_embeddings().weight
    matrices = [item for item in model.parameters() if item.ndim == 2 and item is not embedding]
    others = [item for item in model.parameters() if item.ndim != 2 or item is embedding]
    muon: Any = torch.optim.Muon
    return [
        muon(matrices, lr=rate, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def _trapezoid(share: float) -> float:
    """Part of the full rate: a short rise, a long level, a straight fall."""
    if share < WARM:
        return max(share / WARM, 0.02)
    return min(1.0, max(0.0, (1 - share) / COOL))
