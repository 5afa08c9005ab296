"""Do plans that learn help simulated people more than fixed ones? And are hard constraints ever violated?

`python -m ml.evaluation plans --json OUT [--people N] [--weeks 6] [--seeds 24] [--picture FILE.svg] [--no-sensitivity]`
`python -m ml.evaluation plans --drafts 100000 --json OUT` checks random drafts against the constraints instead.

What comes out is about the planner's arithmetic under assumptions that are written down, not about people.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ml.evaluation.plans_drafts import check_drafts
from ml.evaluation.plans_people import World
from ml.evaluation.plans_picture import picture, regret
from ml.evaluation.plans_running import ARMS, Study, more_than, run_seed, totals
from ml.evaluation.rows import EvaluationError
from ml.planning.graph import Array
from ml.planning.library import load
from ml.planning.records import Library

FEW_SEEDS = 6
FIXED = ("fixed", "fixed_by_problem")
SENSITIVE_ARMS = ("planner", "planner_with_others", "fixed")
# What the sensitivity table changes, one at a time.
SETTINGS: Mapping[str, World] = {
    "as written": World(),
    "people more alike": World(kind_pull=0.45, tail=0.3),
    "people less alike": World(kind_pull=1.3, tail=0.7),
    "graph says nothing": World(graph_trust=0.0),
    "graph fully right": World(graph_trust=1.0),
    "techniques very uneven": World(uneven=0.8),
    "ratings noisier": World(noise=2.5),
    "one go in four rated": World(rated=0.25),
    "little is done": World(keenness=-1.0),
    "effects drift fast": World(drift=0.4),
    "no habit": World(habit=0.0),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this suite."""
    parser.add_argument("--people", type=int, default=100, help="people in each world")
    parser.add_argument("--weeks", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=24, help="worlds, with the seeds 0, 1, ...")
    parser.add_argument("--picture", type=Path, help="write regret over weeks here (.svg)")
    parser.add_argument("--no-sensitivity", action="store_true", help="leave out the table of other assumptions")
    parser.add_argument("--drafts", type=int, help="check so many random drafts against the constraints instead")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Simulate, print the tables, draw the picture, give back the report.

    Raises:
        EvaluationError: less than one person or week, or less than two worlds (there would be no interval).
    """
    library = load()
    if args.drafts is not None:
        report = check_drafts(args.drafts, library)
        print(report)
        return {"suite": "plans", "library": library.version, **report}
    if args.people < 1 or args.weeks < 1 or args.seeds < 2:
        raise EvaluationError("plans needs at least one person, one week and two seeds")
    study = Study(args.people, args.weeks, tuple(range(args.seeds)))
    rows = [run_seed(World(), library, seed, study) for seed in study.seeds]
    if args.picture:
        picture(rows, study.people).save(args.picture)
    _print(rows)
    return {
        "suite": "plans",
        "library": library.version,
        "study": asdict(study),
        "world": asdict(World()),
        "arms": {arm: _figures(rows, arm) for arm in ARMS},
        "more_than": {fixed: {arm: _more(rows, arm, fixed) for arm in ARMS} for fixed in FIXED},
        "sensitivity": {} if args.no_sensitivity else _sensitivity(library, study),
    }


def _figures(rows: Sequence[Mapping[str, Array]], arm: str) -> dict[str, object]:
    """Benefit a person: of all weeks, and by week; regret at the end of each week."""
    return {
        "benefit": float(np.mean(totals(rows, arm))),
        "by_week": [round(float(value), 3) for value in np.mean([row[arm] for row in rows], axis=0)],
        "regret": [round(float(value), 3) for value in regret(rows, arm).mean(axis=0)],
    }


def _sensitivity(library: Library, study: Study) -> dict[str, dict[str, dict[str, float]]]:
    """More benefit than the best fixed plan under other assumptions, in fewer worlds."""
    seeds = study.seeds[:FEW_SEEDS]
    found = {}
    for name, world in SETTINGS.items():
        rows = [run_seed(world, library, seed, study, SENSITIVE_ARMS) for seed in seeds]
        found[name] = {arm: _more(rows, arm, "fixed") for arm in SENSITIVE_ARMS[:2]}
        print(f"{name:24} " + "  ".join(f"{arm} {_share(one)}" for arm, one in found[name].items()), flush=True)
    return found


def _more(rows: Sequence[Mapping[str, Array]], arm: str, fixed: str) -> dict[str, float]:
    return more_than(totals(rows, arm), totals(rows, fixed))


def _print(rows: Sequence[Mapping[str, Array]]) -> None:
    print(f"{'plan':20} {'benefit':>8} {'last week':>9}  {'more than best fixed':22} than best fixed by problem")
    for arm in ARMS:
        all_weeks, last = np.mean(totals(rows, arm)), np.mean([row[arm][-1] for row in rows])
        more = [_share(_more(rows, arm, fixed)) for fixed in FIXED]
        print(f"{arm:20} {all_weeks:8.2f} {last:9.2f}  {more[0]:22} {more[1]}", flush=True)


def _share(more: Mapping[str, float]) -> str:
    return f"{more['value']:+.0%} [{more['low']:+.0%}, {more['high']:+.0%}]"
