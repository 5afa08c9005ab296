"""`python -m ml.evaluation latency`: time to first token, tokens a second at several loads, and memory, for any engine.

Measures the engine alone: no queue, no guard, no network beyond the engine's own.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ml.config import ConfigurationError, EngineConfig
from ml.evaluation.rows import EvaluationError, read_rows
from ml.runtime import build_language_model
from ml.types import ChatTurn, EngineError, LanguageModel, ReplyRequest

OPTIONS = ("backend", "model", "adapter", "bits", "device", "dtype", "max_concurrent", "max_context", "base_url")


@dataclass(frozen=True, slots=True)
class Timing:
    """One reply: seconds to the first text and to the end (from the start of the request), and tokens made."""

    first: float
    total: float
    tokens: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Engine options win over the `LLM_*` environment."""
    kinds = {item.name: int if isinstance(item.default, int) else str for item in fields(EngineConfig)}
    for name in OPTIONS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kinds[name], help=f"instead of LLM_{name.upper()}")
    parser.add_argument("--concurrent", default="1,4,16", help="loads to measure, separated by commas")
    parser.add_argument("--tokens", type=int, default=64, help="most tokens of a reply")
    parser.add_argument("--rounds", type=int, default=2, help="replies of each of the concurrent chats")
    parser.add_argument("--seed", type=int, default=0)


def run(args: argparse.Namespace) -> dict[str, object]:
    """Measure and print a table; gives back the report."""
    if args.data is None:
        raise EvaluationError("latency needs --data: JSON lines with lang and turns, or lang and text")
    conversations = read_conversations(args.data, args.lang)
    try:
        loads = [int(load) for load in args.concurrent.split(",")]
        config = _config(args, max(loads))
    except ValueError as error:
        raise EvaluationError(str(error)) from error
    started = time.perf_counter()
    try:
        engine = build_language_model(config)
    except EngineError as error:
        raise EvaluationError(str(error)) from error
    loaded_in = time.perf_counter() - started
    try:
        rows = [measure(engine, conversations, load, args) for load in loads]
    finally:
        engine.close()
    print_table(rows)
    return {
        "suite": "latency",
        "engine": {name: getattr(engine.info(), name) for name in ("engine", "model", "adapter", "prompt_version")},
        "bits": config.bits,
        "load_seconds": round(loaded_in, 3),
        "loads": rows,
    }


def read_conversations(path: Path, language: str | None) -> list[tuple[Any, tuple[ChatTurn, ...]]]:
    """(language, turns up to the last user message) of each row; rows of other languages are passed over."""
    found = []
    for row in read_rows(path):
        turns = row.get("turns") or [{"role": "user", "text": row.get("text", "")}]
        spoken = [ChatTurn(turn.get("role", "user"), turn.get("text") or turn.get("user", "")) for turn in turns]
        while spoken and spoken[-1].role != "user":
            spoken.pop()
        if spoken and row.get("lang") in ((language,) if language else ("en", "zh")):
            found.append((row["lang"], tuple(spoken)))
    if not found:
        raise EvaluationError(f"no conversation with a user's message in {path}")
    return found


def measure(
    engine: LanguageModel,
    conversations: Sequence[tuple[Any, tuple[ChatTurn, ...]]],
    load: int,
    args: argparse.Namespace,
) -> dict[str, object]:
    """`load` threads at once, each with `args.rounds` replies one after the other."""
    source = _requests(conversations, args)
    work = [[next(source) for _ in range(args.rounds)] for _ in range(load)]
    timings: list[Timing] = []
    failures: list[str] = []

    def chat(requests: list[ReplyRequest]) -> None:
        for request in requests:
            try:
                timings.append(time_reply(engine, request))
            except EngineError as error:
                failures.append(type(error).__name__)

    threads = [threading.Thread(target=chat, args=(requests,)) for requests in work]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _row(load, timings, failures, time.perf_counter() - started)


def time_reply(engine: LanguageModel, request: ReplyRequest) -> Timing:
    """Stream one reply to its end. Engines that count no tokens are counted by chunks."""
    started, first, chunks, tokens = time.perf_counter(), 0.0, 0, 0
    for chunk in engine.stream(request, lambda: False):
        if chunk.text:
            chunks += 1
            first = first or time.perf_counter() - started
        tokens = max(tokens, chunk.tokens)
    total = time.perf_counter() - started
    return Timing(first or total, total, tokens or chunks)


def resident_megabytes() -> float:
    """Memory of this process that is in use now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def print_table(rows: Sequence[dict[str, object]]) -> None:
    """The report for eyes."""
    names = ("concurrent", "first_token_p50_ms", "first_token_p95_ms", "tokens_per_second", "memory_mb", "failed")
    print("  ".join(f"{name:>18}" for name in names))
    for row in rows:
        print("  ".join(f"{row[name]!s:>18}" for name in names))


def _row(load: int, timings: Sequence[Timing], failures: Sequence[str], seconds: float) -> dict[str, object]:
    firsts = sorted(timing.first * 1000 for timing in timings) or [0.0]
    tokens = sum(timing.tokens for timing in timings)
    return {
        "concurrent": load,
        "replies": len(timings),
        "first_token_p50_ms": round(statistics.median(firsts), 1),
        "first_token_p95_ms": round(firsts[min(len(firsts) - 1, int(len(firsts) * 0.95))], 1),
        "tokens": tokens,
        "seconds": round(seconds, 3),
        "tokens_per_second": round(tokens / seconds, 1),
        "memory_mb": round(resident_megabytes(), 1),
        "failed": len(failures),
    }


def _requests(
    conversations: Sequence[tuple[Any, tuple[ChatTurn, ...]]], args: argparse.Namespace
) -> Iterator[ReplyRequest]:
    for number, (language, turns) in enumerate(itertools.cycle(conversations)):
        yield ReplyRequest(
            f"latency-{number}", language, turns, max_tokens=args.tokens, seed=args.seed + number, deadline_seconds=600
        )


def _config(args: argparse.Namespace, most: int) -> EngineConfig:
    chosen = {f"LLM_{name.upper()}": str(getattr(args, name)) for name in OPTIONS if getattr(args, name) is not None}
    environ = {name: value for name, value in os.environ.items() if name.startswith("LLM_")} | chosen
    config = EngineConfig.from_environ(environ)
    if config.max_concurrent < most:
        raise ConfigurationError(f"--max-concurrent {config.max_concurrent} is less than the load of {most} to measure")
    return config
