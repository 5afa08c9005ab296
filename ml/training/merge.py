"""`python -m ml.training merge --base NAME --adapter DIR --out DIR`: a LoRA adapter worked into its base.

For servers that load no adapters. The merged model can no longer be told from its base, nor rolled back by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ml.config import DTYPES, EngineConfig
from ml.llm import adapters
from ml.llm.adapters import AdapterError
from ml.llm.transformers.loading import attach_adapter, load_base, load_tokenizer, pick_device, pick_dtype
from ml.training.lora_card import write_card, write_hashes
from ml.types import EngineUnavailable

WARNING = "An adapter worked into its base. What the cards of both say holds for it too."


def build_parser() -> argparse.ArgumentParser:
    """Options."""
    parser = argparse.ArgumentParser(prog="python -m ml.training merge", description=__doc__)
    parser.add_argument("--base", required=True, help="directory or hub name of the base model")
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dtype", choices=DTYPES, default="bfloat16", help="of the weights written")
    parser.add_argument("--device", default="cpu")
    return parser


def main(argv: list[str]) -> int:
    """Merge and save; 0 done, 2 asked wrongly."""
    args = build_parser().parse_args(argv)
    try:
        merge(args)
    except (AdapterError, EngineUnavailable) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def merge(args: argparse.Namespace) -> None:
    """Model, tokenizer, card and hashes in `args.out`.

    Raises:
        AdapterError: the adapter is not whole, or was made for another base.
    """
    adapters.check_files(args.adapter)
    made_for = json.loads((args.adapter / adapters.BASE).read_text(encoding="utf-8"))["fingerprint"]
    if made_for != adapters.base_fingerprint(args.base):
        raise AdapterError(f"{args.adapter} was made for another base than {args.base}")
    # Merged in float32 and rounded once, whatever is written.
    base = load_base(EngineConfig(backend="transformers", model=args.base, device=args.device, dtype="float32"))
    merged = attach_adapter(base, str(args.adapter)).merge_and_unload()
    args.out.mkdir(parents=True, exist_ok=True)
    merged.to(pick_dtype(args.dtype, pick_device(args.device))).save_pretrained(args.out, safe_serialization=True)
    load_tokenizer(args.base).save_pretrained(args.out)
    figures = {"base": args.base, "adapter": str(args.adapter), "weights": args.dtype}
    write_card(args.out, "Merged model for Attune", WARNING, figures)
    write_hashes(args.out)
