"""What the attention model is compared with: the mean of what is known, mean pooling, a GRU, gradient boosting."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.attention.session import Session
from ml.simulation.rows import Rows

Array = npt.NDArray[np.float64]
_kept: dict[str, Array] = {}


def errors(rows: Rows, dev: Rows, test: Rows, *, epochs: int) -> dict[str, tuple[float, list[float]]]:
    """RMSE of every baseline, fitted on the same rows, stopped on the same dev people."""
    _kept["nothing"] = np.broadcast_to(rows.state.mean(axis=0), test.state.shape).astype(np.float64)
    _kept["gradient boosting"] = _boosted(rows, test)
    _kept.update(_networks(rows, dev, test, epochs))
    return {name: _error(guess, test) for name, guess in _kept.items()}


def interval(model: Session, test: Rows, best: str) -> list[float]:
    """95 % interval of the gain over the best baseline: people are drawn again 500 times."""
    ours = ((model.run(test.x, test.y, test.mask)[0][:, :3] - test.state) ** 2).mean(axis=1)
    theirs = ((_kept[best] - test.state) ** 2).mean(axis=1)
    people = np.unique(test.person)
    one = np.array([ours[test.person == who].sum() for who in people])
    other = np.array([theirs[test.person == who].sum() for who in people])
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, len(people), (500, len(people)))
    gains = 1 - np.sqrt(one[drawn].sum(axis=1) / other[drawn].sum(axis=1))
    return [round(float(value), 4) for value in np.percentile(gains, [2.5, 97.5])]


def _error(guess: Array, test: Rows) -> tuple[float, list[float]]:
    square = (guess - test.state) ** 2
    return round(float(np.sqrt(square.mean())), 4), [round(float(value), 4) for value in np.sqrt(square.mean(axis=0))]


def _boosted(rows: Rows, test: Rows) -> Array:
    """Gradient boosting over summaries of the windows: mean, spread, extremes, the last six windows, and y."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - heavy, and only here

    inputs, held = _summary(rows), _summary(test)
    found = []
    for axis in range(3):
        forest = HistGradientBoostingRegressor(max_iter=250, learning_rate=0.06, early_stopping=True, random_state=1)
        found.append(forest.fit(inputs, rows.state[:, axis]).predict(held))
    return np.stack(found, axis=1)


def _summary(rows: Rows) -> Array:
    seen = rows.mask[..., None]
    count = np.maximum(seen.sum(axis=1), 1)
    mean = (rows.x * seen).sum(axis=1) / count
    spread = np.sqrt(((rows.x - mean[:, None]) ** 2 * seen).sum(axis=1) / count)
    high = np.where(seen, rows.x, -9).max(axis=1)
    low = np.where(seen, rows.x, 9).min(axis=1)
    late = rows.x[:, -6:].reshape(len(rows), -1)
    when = rows.x[..., 0].argmax(axis=1)[:, None]
    at_peak = rows.x[np.arange(len(rows)), when[:, 0]]
    return np.concatenate([mean, spread, high, low, late, when, at_peak, rows.y], axis=1).astype(np.float64)


def _networks(rows: Rows, dev: Rows, test: Rows, epochs: int) -> dict[str, Array]:
    import torch  # noqa: PLC0415 - heavy, and only here

    from ml.attention.torch_model import MeanPooling, Recurrent  # noqa: PLC0415
    from ml.training.attention_loop import Budget, outputs, train  # noqa: PLC0415

    torch.set_num_threads(1)
    found = {}
    for name, kind in (("mean pooling", MeanPooling), ("GRU", Recurrent)):
        torch.manual_seed(7)
        network = train(kind(), rows, dev, Budget(epochs=epochs), say=lambda _text: None)
        found[name] = outputs(network, test)[:, :3].numpy().astype(np.float64)
        print(f"fitted {name}", flush=True)
    return found
