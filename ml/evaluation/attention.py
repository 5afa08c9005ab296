"""`python -m ml.evaluation attention --json OUT [--picture FILE.svg]`: the attention model on people it never met.

Baselines are fitted here on the rows the model was fitted on. Everything is simulated; docs/attention.md says what
that can and cannot show.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from ml.attention import session
from ml.attention.features import GROUPS, without
from ml.evaluation import attention_baselines, attention_faithful, attention_filter, attention_practice
from ml.evaluation.charts import AMBER, BLUE, Drawing, Plot
from ml.evaluation.rows import EvaluationError
from ml.simulation.rows import Rows, simulate

TRAIN_SEED, DEV_SEED, TEST_SEED = 7, 8, 9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this suite."""
    parser.add_argument("--model", type=Path, default=session.FOLDER, help="folder of the model")
    parser.add_argument("--people", type=int, default=2500, help="people that baselines are fitted on")
    parser.add_argument("--held", type=int, default=500, help="held-out people")
    parser.add_argument("--epochs", type=int, default=25, help="epochs of the networks it is compared with")
    parser.add_argument("--practices", type=int, default=300, help="simulated practices")
    parser.add_argument("--picture", type=Path, help="draw deletion curves here (SVG)")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Measure and print."""
    try:
        model = session.load(args.model)
    except session.AttentionError as error:
        raise EvaluationError(str(error)) from error
    began = time.perf_counter()
    test = simulate(args.held, seed=TEST_SEED)
    ours = model.run(test.x, test.y, test.mask)[0]
    report: dict[str, object] = {"model": model.settings["name"], "rows": len(test), "people": args.held}
    errors = {"attention": error_of(ours[:, :3], test)}
    errors |= attention_baselines.errors(
        simulate(args.people, seed=TRAIN_SEED), simulate(300, seed=DEV_SEED), test, epochs=args.epochs
    )
    best = min((name for name in errors if name not in ("attention", "nothing")), key=lambda name: errors[name][0])
    gain = 1 - errors["attention"][0] / errors[best][0]
    interval = attention_baselines.interval(model, test, best)
    report["rmse"] = {name: {"all": all_, "a_e_r": each} for name, (all_, each) in errors.items()}
    report["best_baseline"], report["gain"], report["gain_interval"] = best, round(gain, 4), interval
    report["doubt"] = doubt(model, test)
    report["missing"] = {
        name: round(error_of(model.run(without(test.x, name), test.y, _seen(test, name))[0][:, :3], test)[0], 4)
        for name in GROUPS
    }
    report["noise"] = attention_faithful.noise(model, test)
    report["faithful"], curves = attention_faithful.measure(model, test)
    report["filter"] = attention_filter.measure(model, test)
    report["practice"] = attention_practice.measure(args.practices)
    report["seconds"] = round(time.perf_counter() - began)
    _print(report)
    if args.picture:
        draw(curves, args.picture)
    return report


def error_of(guess: np.ndarray, test: Rows) -> tuple[float, list[float]]:
    """RMSE over all and of a, e, r."""
    square = (guess - test.state) ** 2
    return round(float(np.sqrt(square.mean())), 4), [round(float(value), 4) for value in np.sqrt(square.mean(axis=0))]


def _seen(test: Rows, group: str) -> np.ndarray:
    return np.asarray(test.mask & (without(test.x, group)[..., -1 - len(GROUPS) : -1].sum(axis=-1) > 0))


def doubt(model: session.Session, test: Rows) -> dict[str, object]:
    """How often the truth lies within the 50 and 90 % that the model states, and the mean of squared z."""
    found = model.run(test.x, test.y, test.mask)[0]
    widen = np.array(model.settings["widen"])
    result: dict[str, object] = {}
    for name, start, truth, wide in (("state", 0, test.state, widen[:3]), ("change", 6, test.change, widen[3:])):
        z = (truth - found[:, start : start + 3]) / np.sqrt(np.exp(found[:, start + 3 : start + 6]) * wide)
        result[name] = {
            "within_50": round(float((np.abs(z) <= 0.6745).mean()), 3),
            "within_90": round(float((np.abs(z) <= 1.6449).mean()), 3),
            "z_squared": round(float((z**2).mean()), 3),
        }
    return result


def _print(report: dict[str, object]) -> None:
    for name, value in report.items():
        print(f"{name}: {value}")


def draw(curves: dict[str, np.ndarray], path: Path) -> None:
    """Deletion curves."""
    drawing = Drawing(420, 300, "How the reading moves as windows are taken away")
    plot = Plot(drawing, (50, 24), (340, 220))
    plot.grid([0, 0.25, 0.5, 0.75, 1], [0, 0.25, 0.5, 0.75, 1], percent=True)
    for (name, curve), colour in zip(curves.items(), (BLUE, AMBER), strict=True):
        points = [plot.at(index / (len(curve) - 1), min(1.0, float(value))) for index, value in enumerate(curve)]
        drawing.path(points, stroke=colour, stroke_width=2.5)
        near = plot.at(0.45, float(curve[int(0.45 * (len(curve) - 1))]))
        drawing.write((near[0], near[1] + 18), name, fill=colour)
    drawing.write((220, 285), "share of the windows taken away", anchor="middle")
    drawing.save(path)
