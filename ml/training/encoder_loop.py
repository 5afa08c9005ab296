"""The training loop of the encoder: seeded, resumable, with curves, early stopping and averaged weights."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from ml.encoder.tokens import CLS, MASK, SEP, Tokens
from ml.training.encoder_model import VECTOR_WEIGHT, Encoder, Inputs, loss_of, pad, targets_of
from ml.training.encoder_rows import Row

CHECKPOINT = "checkpoint.pt"
# One batch in so many is also shown to the untouched base model, whose sentence vector the encoder keeps close to.
TEACHER_EVERY = 5
_POOL = 40


@dataclass(frozen=True, slots=True)
class Options:
    """What decides the course of a run; a checkpoint is only taken up by a run with the same options."""

    seed: int = 7
    epochs: int = 3
    batch: int = 32
    rate: float = 1.5e-4
    # Share of tokens masked at random: the only augmentation, and it costs nothing.
    masking: float = 0.08
    # Share of the running average kept at each step (0: no averaging).
    averaging: float = 0.995
    save_every: int = 200
    # Evaluations without a better figure after which the run ends (0: never early).
    patience: int = 0


def plan(lengths: Sequence[int], options: Options, pairs: Sequence[str] = ()) -> list[list[int]]:
    """Row numbers of every batch of every epoch: rows of like length together, batches in random order.

    Rows with the same name in `pairs` stay together, as long as the longest of them.
    """
    chance = random.Random(options.seed)
    groups: dict[str, list[int]] = {}
    for place in range(len(lengths)):
        groups.setdefault((pairs[place] if pairs else "") or f"#{place}", []).append(place)
    wholes = list(groups.values())
    batches: list[list[int]] = []
    for _ in range(options.epochs):
        chance.shuffle(wholes)
        order = [(max(lengths[place] for place in whole), place) for whole in wholes for place in whole]
        size = options.batch * _POOL
        pools = [sorted(order[at : at + size], key=lambda one: one[0]) for at in range(0, len(order), size)]
        epoch = [
            [place for _, place in pool[at : at + options.batch]]
            for pool in pools
            for at in range(0, len(pool), options.batch)
        ]
        chance.shuffle(epoch)
        batches += epoch
    return batches


class Run:
    """One training run: model, average, optimiser and place in the plan."""

    def __init__(self, model: Encoder, teacher: nn.Module | None, steps: int, options: Options) -> None:
        self.model, self.teacher, self.options = model, teacher, options
        fresh = [*model.heads.parameters()]
        known = {id(parameter) for parameter in fresh}
        body = [one for one in model.parameters() if one.requires_grad and id(one) not in known]
        self.optimiser = torch.optim.AdamW(
            [{"params": body, "lr": options.rate}, {"params": fresh, "lr": options.rate * 8}], weight_decay=0.01
        )
        warm = max(1, int(0.06 * steps))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
        )
        self.average = {name: value.detach().clone() for name, value in self._trained()}
        self.step, self.best, self.stale = 0, float("-inf"), 0

    def _trained(self) -> list[tuple[str, Tensor]]:
        return [(name, value) for name, value in self.model.named_parameters() if value.requires_grad]

    def learn(self, rows: Sequence[Row], tokens: Sequence[Tokens]) -> float:
        """One step on one batch; returns its loss."""
        chance = random.Random(f"{self.options.seed}/{self.step}")
        inputs = masked(pad(tokens), self.options.masking, chance)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self.model(*inputs)
        loss = loss_of(outputs, targets_of(rows))
        if self.teacher is not None and self.step % TEACHER_EVERY == 0:
            loss = loss + VECTOR_WEIGHT * self._distance(outputs[6].float(), pad([_alone(one) for one in tokens]))
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        keep = min(self.options.averaging, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self._trained():
                self.average[name].mul_(keep).add_(value, alpha=1 - keep)
        return loss.item()

    def _distance(self, vectors: Tensor, inputs: Inputs) -> Tensor:
        """One minus the cosine with the base model's own sentence vector, mean over the batch."""
        assert self.teacher is not None
        ids, mask, _ = inputs
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            states = self.teacher(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weight = mask.unsqueeze(-1).float()
        wanted = nn.functional.normalize((states * weight).sum(1) / weight.sum(1), dim=1)
        return (1 - (vectors * wanted).sum(1)).mean()

    def use_average(self) -> None:
        """Put the averaged weights into the model; what is shipped and measured."""
        with torch.no_grad():
            for name, value in self._trained():
                value.copy_(self.average[name])

    def save(self, file: Path, mark: str) -> None:
        """Write the whole state beside the old one, then put it in its place."""
        state = {
            "mark": mark,
            "model": dict(self._trained()),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "place": [self.step, self.best, self.stale],
        }
        fresh = file.with_suffix(".new")
        torch.save(state, fresh)
        os.replace(fresh, file)

    def restore(self, file: Path, mark: str) -> bool:
        """Take up a checkpoint written under the same mark; false where there is none."""
        if not file.is_file():
            return False
        state: dict[str, Any] = torch.load(file, weights_only=True)
        if state["mark"] != mark:
            return False
        with torch.no_grad():
            for name, value in self._trained():
                value.copy_(state["model"][name])
        self.average = state["average"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.step, self.best, self.stale = int(state["place"][0]), float(state["place"][1]), int(state["place"][2])
        return True


def train(
    model: Encoder,
    teacher: nn.Module | None,
    rows: Sequence[Row],
    tokens: Sequence[Tokens],
    options: Options,
    out: Path,
    judge: Callable[[Encoder], float] | None = None,
) -> Run:
    """Run the plan from its beginning or from the checkpoint in `out`; the averaged weights are in the model after."""
    out.mkdir(parents=True, exist_ok=True)
    batches = plan([len(one.ids) for one in tokens], options, [row.pair for row in rows])
    run = Run(model, teacher, len(batches), options)
    mark = f"{sorted(asdict(options).items())} rows={len(rows)}"
    if run.restore(out / CHECKPOINT, mark):
        print(f"going on from step {run.step} of {len(batches)}", flush=True)
    started, began = time.monotonic(), run.step
    model.train()
    with SummaryWriter(str(out / "runs")) as curves:
        for batch in batches[run.step :]:
            loss = run.learn([rows[place] for place in batch], [tokens[place] for place in batch])
            if run.step % 25 == 0:
                curves.add_scalar("loss", loss, run.step)
                seconds = time.monotonic() - started
                left = seconds / (run.step - began) * (len(batches) - run.step)
                print(f"\rstep {run.step}/{len(batches)} loss {loss:.3f}, {left:.0f} s left   ", end="", flush=True)
            if run.step % options.save_every == 0:
                run.save(out / CHECKPOINT, mark)
                if judge is not None and _is_enough(run, judge(model), curves):
                    break
    print(flush=True)
    if options.averaging:
        run.use_average()
    model.eval()
    return run


def _is_enough(run: Run, figure: float, curves: SummaryWriter) -> bool:
    """Note a figure of the dev rows; true where it has not risen for as long as patience allows."""
    run.model.train()
    curves.add_scalar("dev", figure, run.step)
    run.stale = 0 if figure > run.best else run.stale + 1
    run.best = max(run.best, figure)
    return bool(run.options.patience) and run.stale >= run.options.patience


def masked(inputs: Inputs, share: float, chance: random.Random) -> Inputs:
    """Some words hidden; marks and padding stay."""
    ids, mask, types = inputs
    draw = torch.Generator().manual_seed(chance.getrandbits(32))
    hidden = (torch.rand(ids.shape, generator=draw) < share) & (ids != CLS) & (ids != SEP) & (mask == 1)
    return ids.masked_fill(hidden, MASK), mask, types


def _alone(tokens: Tokens) -> Tokens:
    """The message without its context."""
    end = len(tokens.ids) - sum(tokens.types)
    return Tokens(tokens.ids[:end], tokens.types[:end], [])
