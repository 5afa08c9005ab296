"""The made-up people: seeded, bounded, with causes that can be found and signals that go missing."""

import numpy as np
import pytest

from ml.attention.features import CHANNELS, X_NAMES, Baseline, Windows, read_windows, usual
from ml.simulation.practice import IDEAL, by_policy, by_script, draw
from ml.simulation.rows import Rows, simulate


@pytest.fixture(scope="module")
def rows() -> Rows:
    return simulate(60, each=3, seed=11)


def test_the_same_seed_makes_the_same_people(rows):
    again = simulate(60, each=3, seed=11)
    assert np.array_equal(rows.x, again.x)
    assert np.array_equal(rows.state, again.state)
    assert not np.array_equal(rows.x, simulate(60, each=3, seed=12).x)


def test_rows_are_whole_and_bounded(rows):
    assert np.isfinite(rows.x).all()
    assert np.isfinite(rows.y).all()
    assert (np.abs(rows.state) <= 1).all()
    assert rows.x.shape[-1] == len(X_NAMES)
    assert set(rows.person.tolist()) == set(range(60))


def test_a_planted_cause_leaves_people_tenser_than_none(rows):
    assert rows.state[rows.cause >= 0, 1].mean() < rows.state[rows.cause < 0, 1].mean() - 0.1


def test_signals_go_missing(rows):
    flags = rows.x[..., X_NAMES.index("has_heart")]
    assert 0.5 < flags.mean() < 0.95
    assert (flags.sum(axis=1) == 0).any()


def test_rows_come_back_from_a_file(rows, tmp_path):
    rows.save(tmp_path / "rows.npz")
    assert np.array_equal(Rows.load(tmp_path / "rows.npz").x, rows.x)


def test_everybody_is_compared_with_themselves_only():
    rng = np.random.default_rng(0)
    past = np.full((60, len(CHANNELS)), np.nan, dtype=np.float32)
    past[:, 0] = rng.normal(90, 2, 60)
    baseline = usual(past)
    now = np.full((3, len(CHANNELS)), np.nan, dtype=np.float32)
    now[:, 0] = (90, 100, np.nan)
    now[:, 3] = 14
    x, mask = read_windows(Windows(now, np.zeros((3, 6), np.float32)), baseline)
    assert abs(x[0, 0]) < 0.2
    assert x[1, 0] > 1
    assert (x[:, 3] == 0).all(), "a channel without a usual is left out"
    assert mask.tolist() == [True, True, False]


def test_a_steady_strap_does_not_make_mountains():
    steady = usual(np.full((60, len(CHANNELS)), 70, dtype=np.float32))
    assert isinstance(steady, Baseline)
    assert (steady.spread > 0).all()


def test_the_policy_is_sooner_than_the_script_on_a_few():
    people = draw(30, 21)
    script = np.mean([by_script(person, index) for index, person in enumerate(people)])
    policy = np.mean([by_policy(person, index) for index, person in enumerate(people)])
    assert policy < script
    assert len(IDEAL) == 3
