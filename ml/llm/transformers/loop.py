"""The decode loop: one thread owns the model; requests join and leave between steps (continuous batching)."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ml.llm.transformers.jobs import Ending, Job
from ml.llm.transformers.lanes import Lane, build_lane
from ml.llm.transformers.loading import LoadedModel
from ml.llm.transformers.sampling import choose
from ml.types import EngineUnavailable

# Prompts are read together up to this many padded tokens, so that a crowd of new requests does not hold up the old.
PREFILL_TOKENS = 4096

# Takes the model and gives back the one to go on with, and the name of its adapter.
Exchange = Callable[[Any], tuple[Any, str]]


class DecodeLoop:
    """Starts its thread at once. Any error in it is fatal: every request ends as failed and `is_alive` turns False.

    `prefixes`: fixed beginnings that many prompts share; they are read once.
    """

    def __init__(self, loaded: LoadedModel, max_concurrent: int, prefixes: Sequence[Sequence[int]] = ()) -> None:
        self._model, self._device, self._adapter = loaded.model, loaded.device, loaded.adapter
        self._lane: Lane = build_lane(loaded.model, loaded.device)
        self._exchange: Exchange | None = None
        self._stop_ids = loaded.stop_ids
        self._max_concurrent = max_concurrent
        self._prefixes = prefixes
        self._waiting: deque[Job] = deque()
        self._active: list[Job] = []
        self._next: list[int] = []  # by row: the token chosen last, not yet read by the model
        self._wake = threading.Condition()
        self._is_closing = self._is_over = False
        self._thread = threading.Thread(target=self._run, name="decode-loop", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """False after a fatal error or `close`."""
        return not (self._is_over or self._is_closing)

    def submit(self, job: Job) -> None:
        """Queue a job; it joins the batch at the next step with a free row."""
        with self._wake:
            if not self.is_alive:
                raise EngineUnavailable("the decode loop has ended")
            self._waiting.append(job)
            self._wake.notify()

    @property
    def adapter(self) -> str:
        """Name of the adapter that new requests get; empty for the base alone."""
        return self._adapter

    def exchange(self, how: Exchange) -> None:
        """Change the model as soon as the requests in flight have ended; those that come meanwhile wait for it."""
        with self._wake:
            self._exchange = how
            self._wake.notify()

    def close(self, seconds: float = 10.0) -> None:
        """End after the step in hand; requests in flight end as failed."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        self._thread.join(seconds)

    def _run(self) -> None:
        # No except: an error ends the thread and is reported by threading.excepthook; `finally` frees the callers.
        try:
            with torch.inference_mode():
                self._remember()
                while self._wait_for_work():
                    self._drop_abandoned()
                    if self._exchange is None:
                        self._admit()
                    elif not self._active:
                        self._change()
                    self._step()
        finally:
            with self._wake:
                self._is_over = True
                left = [*self._active, *self._waiting]
                self._waiting.clear()
            for job in left:
                job.end("failed")

    def _remember(self) -> None:
        for prefix in self._prefixes:
            self._lane.remember(prefix)

    def _change(self) -> None:
        """A new lane for the changed model: what the old one remembers was read with the old weights."""
        with self._wake:
            how, self._exchange = self._exchange, None
        if how is not None:
            self._model, self._adapter = how(self._model)
            self._lane = build_lane(self._model, self._device)
            self._remember()

    def _wait_for_work(self) -> bool:
        with self._wake:
            self._wake.wait_for(lambda: self._is_closing or self._waiting or self._active or self._exchange)
            return not self._is_closing

    def _drop_abandoned(self) -> None:
        for row in reversed(range(len(self._active))):
            if self._active[row].is_abandoned:
                self._leave(row)

    def _admit(self) -> None:
        new = self._take_waiting()
        if new:
            # In flight before they are read: if reading fails they are told, like all others.
            self._active += new
            self._next += [0] * len(new)
            logits = self._lane.join([job.prompt for job in new])
            self._hand_out(logits, first=len(self._active) - len(new))

    def _take_waiting(self) -> list[Job]:
        taken: list[Job] = []
        longest = 0
        with self._wake:
            while self._waiting and len(self._active) + len(taken) < self._max_concurrent:
                job = self._waiting[0]
                longest = max(longest, len(job.prompt))
                if taken and longest * (len(taken) + 1) > PREFILL_TOKENS:
                    break
                self._waiting.popleft()
                if not job.is_abandoned:
                    job.adapter = self._adapter
                    taken.append(job)
        # Prompts that begin alike stand side by side: the lane reads a shared beginning once for all of them.
        return sorted(taken, key=lambda job: job.prompt)

    def _step(self) -> None:
        if self._active:
            self._hand_out(self._lane.step(self._next), first=0)

    def _hand_out(self, logits: Tensor, first: int) -> None:
        """Choose a token for each row from `first` on; rows that end leave. `logits`: [rows - first, vocabulary]."""
        jobs = self._active[first:]
        self._hide_endings(logits, jobs)
        tokens = choose(logits, [job.sampler for job in jobs])
        for row in reversed(range(first, len(self._active))):
            job, token = self._active[row], tokens[row - first]
            self._next[row] = token
            ending = self._ending(job, token)
            if ending:
                # First the memory, then the word: who sees the end may rely on nothing being left.
                self._leave(row)
                job.end(ending)

    def _hide_endings(self, logits: Tensor, jobs: Sequence[Job]) -> None:
        """A reply has at least one token: a small model's early end would leave the person without a word."""
        fresh = [row for row, job in enumerate(jobs) if job.made == 0]
        stops = [token for token in self._stop_ids if token < logits.shape[-1]]
        if fresh and stops:
            rows = torch.tensor(fresh, device=logits.device)[:, None]
            logits[rows, torch.tensor(stops, device=logits.device)] = -torch.inf

    def _ending(self, job: Job, token: int) -> Ending | None:
        if token in self._stop_ids:
            return "stop"
        job.give(token)
        return "length" if job.made >= job.max_tokens else None

    def _leave(self, row: int) -> None:
        self._lane.leave(row)
        self._active[row], self._next[row] = self._active[-1], self._next[-1]
        self._active.pop()
        self._next.pop()
