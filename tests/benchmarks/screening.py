"""Time to screen one message: normalise, rules, head; single thread, authored messages with their context."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ml.types import ChatTurn, Language
from tests.benchmarks.tables import percentile, table
from therapy.safety import screening

DATA = Path("ml/data/risk")
COUNT = 1000


def measure(language: Language) -> list[object]:
    """Milliseconds per message of one language."""
    rows = [json.loads(line) for line in (DATA / f"risk_{language}.jsonl").open(encoding="utf-8")][:COUNT]
    for row in rows[:20]:
        screening.screen(row["text"], (), language)
    times = []
    began = time.perf_counter()
    for row in rows:
        context = tuple(ChatTurn(turn["role"], turn["text"]) for turn in row.get("context") or ())
        start = time.perf_counter()
        screening.screen(row["text"], context, language)
        times.append(1000 * (time.perf_counter() - start))
    rate = len(rows) / (time.perf_counter() - began)
    return [language, len(rows), *(f"{percentile(times, share):.2f}" for share in (0.5, 0.95, 0.99)), f"{rate:.0f}"]


def main() -> None:
    """Print the table."""
    rows = [measure("en"), measure("zh")]
    table(["language", "messages", "p50 ms", "p95 ms", "p99 ms", "messages/s"], rows)
