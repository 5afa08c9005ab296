"""`python -m ml.training attention --out DIR`: simulate people, fit, calibrate, export, pin. Minutes on one core.

`--rows FILE.npz` fits on rows of the same make from elsewhere, for example consented ones (docs/attention.md).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from ml.attention.features import WINDOWS, X_NAMES, Y_NAMES
from ml.attention.torch_model import Attention
from ml.encoder.weights import write_sums
from ml.simulation.rows import Rows, simulate
from ml.training.attention_export import MODEL, export
from ml.training.attention_loop import Budget, outputs, rmse, tensors, train

NAME = "attention-1"
TRAIN_SEED, DEV_SEED, TEST_SEED = 7, 8, 9
_CARD = "README.md"


def main(argv: Sequence[str]) -> int:
    """Run; 0 when the files stand."""
    args = _parser().parse_args(argv)
    torch.set_num_threads(args.threads)
    rows, dev = _rows(args)
    torch.manual_seed(args.seed)
    print(f"{len(rows)} rows of {len(set(rows.person.tolist()))} people, {len(dev)} to stop by", flush=True)
    budget = Budget(epochs=args.epochs, seed=args.seed)
    network = train(Attention(), rows, dev, budget, say=lambda text: print(text, flush=True))
    args.out.mkdir(parents=True, exist_ok=True)
    checks = export(network, dev, args.out)
    settings = {
        "name": NAME,
        "widen": widening(network, dev),
        "x": list(X_NAMES),
        "y": list(Y_NAMES),
        "windows": WINDOWS,
        "trained_on": "simulated people" if args.rows is None else "rows from a file",
        "people": len(set(rows.person.tolist())),
        "dev_rmse": round(rmse(outputs(network, dev)[:, :3], tensors(dev)[3]), 4),
        **checks,
    }
    (args.out / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    pinned = [MODEL, "settings.json"] + ([_CARD] if (args.out / _CARD).exists() else [])
    write_sums(args.out, pinned)
    print(json.dumps({name: value for name, value in settings.items() if name not in ("x", "y")}, indent=1))
    return 0


def widening(network: Attention, dev: Rows) -> list[float]:
    """By how much each variance must grow so that errors on dev people are as large as it says, [6]."""
    found = outputs(network, dev)
    _x, _y, _mask, state, change = tensors(dev)
    mean, doubt, moved, moved_doubt = found.chunk(4, dim=-1)
    first = ((state - mean).pow(2) / doubt.exp()).nanmean(0)
    second = ((change - moved).pow(2) / moved_doubt.exp()).nanmean(0)
    # Where nobody knows the change, nothing can be said of its doubt: it stays as the network has it.
    return [round(float(value), 4) for value in torch.nan_to_num(torch.cat([first, second]), nan=1.0)]


def _rows(args: argparse.Namespace) -> tuple[Rows, Rows]:
    if args.rows is None:
        return simulate(args.people, seed=TRAIN_SEED), simulate(300, seed=DEV_SEED)
    rows = Rows.load(args.rows)
    people = np.unique(rows.person)
    held = np.isin(rows.person, people[:: max(2, len(people) // max(1, len(people) // 8))])
    return rows.take(~held), rows.take(held)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ml.training attention", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for model.onnx, settings.json, SHA256SUMS")
    parser.add_argument("--rows", type=Path, help="rows of one make (.npz) in place of simulated ones")
    parser.add_argument("--people", type=int, default=2500)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    return parser
