"""`python -m tests.benchmarks [name …]`: every measurement, or the named ones, as Markdown tables."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import UTC, datetime

import django

NAMES = ("screening", "writing", "turn", "engine", "alerts", "charts", "signals")


def main(names: list[str]) -> int:
    """Run and print."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "therapy.settings.test"
    django.setup()
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    today = datetime.now(UTC).date()
    print(f"{today}, {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}\n")
    for name in names or NAMES:
        print(f"## {name}\n", flush=True)
        importlib.import_module(f"tests.benchmarks.{name}").main()
        print(flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
