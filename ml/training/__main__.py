"""`python -m ml.training <what> [options]`: hands over to `ml.training.<what>.main(argv)`.

Only the chosen module is imported, so one command never needs the libraries of another.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence

COMMANDS = {
    "emotion": "the emotion classifier (en, zh)",
    "vocabulary": "a base model for the encoder with only the word pieces it needs",
    "encoder": "the encoder of both languages: danger, feelings, stressors (int8 ONNX)",
    "risk": "the learned head of the risk detector (en, zh)",
    "pretrain": "the small bilingual base model, from public text",
    "attention": "the attention model over signals (simulated people)",
    "tiny_lm": "a tiny language model for tests",
    "lora": "a LoRA or QLoRA adapter for a causal language model",
    "merge": "an adapter worked into its base, for servers that load none",
}


def usage() -> str:
    """Text shown for --help and for a wrong name."""
    lines = [f"  {name:<10} {summary}" for name, summary in COMMANDS.items() if _exists(name)]
    return "usage: python -m ml.training <what> [options]\n\nwhat:\n" + "\n".join(lines) + "\n"


def run(argv: Sequence[str]) -> int:
    """Dispatch `argv` (without the program name); returns the exit status."""
    if not argv or argv[0] in ("-h", "--help"):
        print(usage(), end="")
        return 0 if argv else 2
    name = argv[0]
    if name not in COMMANDS or not _exists(name):
        print(f"unknown training command: {name}\n\n{usage()}", end="", file=sys.stderr)
        return 2
    module = importlib.import_module(f"ml.training.{name}")
    status: int = module.main(list(argv[1:]))
    return status


def _exists(name: str) -> bool:
    return importlib.util.find_spec(f"ml.training.{name}") is not None


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
