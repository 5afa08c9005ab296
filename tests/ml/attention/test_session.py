"""The shipped model: pinned, fast, close to what was measured, and weights that mean something."""

import json
import time

import numpy as np
import pytest

from ml.attention import session
from ml.attention.features import GROUPS, without
from ml.simulation.rows import Rows, simulate


@pytest.fixture(scope="module")
def rows() -> Rows:
    return simulate(80, each=2, seed=99)


@pytest.fixture(scope="module")
def model() -> session.Session:
    return session.load()


def test_the_files_are_small_and_say_what_they_are():
    sizes = [path.stat().st_size for path in session.FOLDER.iterdir()]
    assert sum(sizes) < 1_000_000
    settings = json.loads((session.FOLDER / session.SETTINGS).read_text())
    assert settings["trained_on"] == "simulated people"
    assert settings["parity"] < 1e-4


def test_a_changed_file_is_refused(tmp_path):
    for path in session.FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / session.MODEL).write_bytes(b"x" + (session.FOLDER / session.MODEL).read_bytes())
    with pytest.raises(session.AttentionError, match="not the file"):
        session.load(tmp_path)


def test_it_reads_strangers_better_than_a_constant(model, rows):
    found = model.run(rows.x, rows.y, rows.mask)[0][:, :3]
    error = np.sqrt(((found - rows.state) ** 2).mean())
    constant = np.sqrt(((rows.state - rows.state.mean(0)) ** 2).mean())
    assert error < 0.85 * constant


def test_weights_sum_to_one_and_unseen_windows_have_none(model, rows):
    _outputs, weights, share = model.run(rows.x, rows.y, rows.mask)
    seen = rows.mask.any(axis=1)
    assert np.allclose(weights[seen].sum(axis=2), 1, atol=1e-4)
    assert (weights.transpose(0, 2, 1)[~rows.mask] < 1e-6).all()
    assert np.allclose(share[seen].sum(axis=1), 1, atol=1e-3)


def test_the_planted_cause_is_mostly_among_the_three(model, rows):
    planted = rows.take(rows.cause >= 0)
    top = np.argsort(-model.run(planted.x, planted.y, planted.mask)[2], axis=1)[:, :3]
    assert (top == planted.cause[:, None]).any(axis=1).mean() > 0.6


def test_a_missing_signal_makes_it_less_sure_not_wrong(model, rows):
    whole = model.run(rows.x, rows.y, rows.mask)[0]
    for group in GROUPS:
        found = model.run(without(rows.x, group), rows.y, rows.mask)[0]
        assert np.isfinite(found).all()
    blind = model.run(rows.x, rows.y, np.zeros_like(rows.mask))[0]
    assert blind[:, 3:6].mean() > whole[:, 3:6].mean()


def test_one_reading_takes_less_than_five_milliseconds(model, rows):
    times = []
    for index in range(60):
        began = time.perf_counter()
        model.read(rows.x[index], rows.y[index], rows.mask[index])
        times.append(time.perf_counter() - began)
    assert min(times) < 0.005  # the quickest: what else runs on this machine is not counted
