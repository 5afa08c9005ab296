"""`python -m tests.benchmarks.engine --data ml/data/dialogues`: the shared decode loop against generate() per thread.

Without --model it first makes a small model of the given width (random weights: speed does not ask for sense). Ending
tokens are switched off, so that all ways make equally many. Tokens a CPU second hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from ml.config import EngineConfig
from ml.evaluation.latency import resident_megabytes
from ml.llm.transformers.engine import TransformersEngine
from ml.training import tiny_lm
from ml.training.lora_data import Dialogue, read_dialogues
from ml.types import ReplyRequest

DATA = Path("ml/data/dialogues")
Speak = Callable[[ReplyRequest], tuple[float, int]]  # seconds to the first token, tokens made


def main(argv: Sequence[str] = ()) -> None:
    """Measure every way at every load and print one table."""
    args = parse(argv)
    dialogues = read_dialogues(args.data)
    with tempfile.TemporaryDirectory() as folder:
        model = args.model or make_model(args, Path(folder))
        options = {"adapter": args.adapter, "bits": args.bits, "max_concurrent": max(args.concurrent)}
        engine = TransformersEngine(EngineConfig(backend="transformers", model=model, **options))
        engine._loop._stop_ids = frozenset()
        parameters = sum(weight.numel() for weight in engine._loop._lane.model.parameters())
        print(f"{parameters / 1e6:.1f} M parameters, {torch.get_num_threads()} threads, {args.tokens} tokens a reply")
        print(f"{'way':<24}{'chats':>6}{'first p50 ms':>14}{'tokens/s':>10}{'tok/CPU s':>10}{'memory MB':>11}")
        for load in args.concurrent:
            for name, speak, in_turn in ways(engine):
                first, rate, thrift = measure(speak, requests(dialogues, load, args.tokens), in_turn)
                memory = resident_megabytes()
                print(f"{name:<24}{load:>6}{first:>14.1f}{rate:>10.1f}{thrift:>10.1f}{memory:>11.0f}", flush=True)
        engine.close()


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[DATA], help="directories or JSON-lines files of dialogues"
    )
    parser.add_argument("--model", default="", help="directory or hub name; without it a random one is made")
    parser.add_argument("--adapter", default="")
    parser.add_argument("--bits", type=int, default=16)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--concurrent", type=int, nargs="+", default=[1, 4, 16])
    return parser.parse_args(argv)


def make_model(args: argparse.Namespace, folder: Path) -> str:
    """A model of the asked size after one training step."""
    shape = ["--width", str(args.width), "--layers", str(args.layers), "--heads", "6", "--steps", "2", "--batch", "1"]
    tiny_lm.main(["--data", *map(str, args.data), "--out", str(folder), *shape])
    return str(folder)


def ways(engine: TransformersEngine) -> list[tuple[str, Speak, bool]]:
    """(name, how to speak, one after the other?) of what is compared."""
    return [
        ("shared loop", lambda request: by_loop(engine, request), False),
        ("generate() per thread", lambda request: by_generate(engine, request), False),
        ("generate() in turn", lambda request: by_generate(engine, request), True),
    ]


def by_loop(engine: TransformersEngine, request: ReplyRequest) -> tuple[float, int]:
    """A reply through the engine."""
    started, first, tokens = time.perf_counter(), 0.0, 0
    for chunk in engine.stream(request, lambda: False):
        first = first or time.perf_counter() - started
        tokens = chunk.tokens
    return first, tokens


class FirstToken:
    """A streamer that only notes when the first token came."""

    def __init__(self) -> None:
        self.at = 0.0
        self._puts = 0

    def put(self, value: torch.Tensor) -> None:
        """The first call carries the prompt, the second the first token."""
        self._puts += 1
        if self._puts == 2:
            self.at = time.perf_counter()

    def end(self) -> None:
        """Nothing to do."""


def by_generate(engine: TransformersEngine, request: ReplyRequest) -> tuple[float, int]:
    """The same reply by transformers' own generate()."""
    model = engine._loop._lane.model
    ids = torch.tensor([engine._fitter.fit(request, request.max_tokens)], device=model.device)
    started, streamer = time.perf_counter(), FirstToken()
    size = {"max_new_tokens": request.max_tokens, "min_new_tokens": request.max_tokens}
    with torch.inference_mode():
        out = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, streamer=streamer, **size
        )
    return streamer.at - started, out.shape[1] - ids.shape[1]


def requests(dialogues: list[Dialogue], load: int, tokens: int) -> list[ReplyRequest]:
    """The first message of as many dialogues; greedy, so that every way does the same work."""
    return [
        ReplyRequest(item.id, item.language, item.turns[:1], max_tokens=tokens, temperature=0.0, deadline_seconds=600)
        for item in dialogues[:load]
    ]


def measure(speak: Speak, asked: list[ReplyRequest], in_turn: bool) -> tuple[float, float, float]:
    """(median milliseconds to the first token, tokens a second over all, tokens a second of processor time)."""
    results: list[tuple[float, int]] = []
    threads = [threading.Thread(target=lambda r=request: results.append(speak(r))) for request in asked]
    started, used = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
        if in_turn:
            thread.join()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - started, time.process_time() - used
    made = sum(tokens for _, tokens in results)
    return 1000 * statistics.median(first for first, _ in results), made / seconds, made / used


if __name__ == "__main__":
    main(sys.argv[1:])
