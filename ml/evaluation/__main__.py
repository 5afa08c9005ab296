"""Command line of the evaluators: finds the suite by name and writes its report. Only the asked suite is imported."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Protocol, cast

from ml.evaluation.rows import EvaluationError

SUITES = ("risk", "emotion", "fairness", "dialogue", "latency", "attention", "plans")


class Suite(Protocol):
    """What a suite's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that only this suite has."""

    def run(self, args: argparse.Namespace) -> dict[str, object]:
        """Measure, print the tables a person reads, and give back the report for `--json`."""


def load_suite(name: str) -> Suite:
    """Import one suite; suites have different heavy libraries, so no other is touched."""
    return cast(Suite, importlib.import_module(f"ml.evaluation.{name}"))


def build_parser(name: str, suite: Suite) -> argparse.ArgumentParser:
    """Options all suites share, then the suite's own. A suite says itself when it cannot do without one."""
    parser = argparse.ArgumentParser(prog=f"python -m ml.evaluation {name}")
    parser.add_argument("--data", type=Path, help="JSON lines, plain or .xz")
    parser.add_argument("--json", type=Path, help="write the report here")
    parser.add_argument("--lang", choices=("en", "zh"), help="only rows of this language")
    parser.add_argument("--predictions", type=Path, help="write one line for each row here")
    suite.add_arguments(parser)
    return parser


def main(argv: list[str]) -> int:
    """Run one suite; 0 done, 2 asked wrongly."""
    if not argv or argv[0] not in SUITES:
        print(f"usage: python -m ml.evaluation {{{','.join(SUITES)}}} --data FILE --json OUT", file=sys.stderr)
        return 0 if argv[:1] in (["-h"], ["--help"]) else 2
    name = argv[0]
    suite = load_suite(name)
    args = build_parser(name, suite).parse_args(argv[1:])
    try:
        report = suite.run(args)
    except EvaluationError as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        args.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
