"""The filter: bounded, stable, indifferent to order, wider without evidence, honest about whom to believe."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.state import evidence
from ml.state.filter import STATIONARY, Belief, Evidence, distance, practised, predict, stranger, update

loadings = st.tuples(*[st.floats(-3, 3)] * 3)
readings = st.builds(
    Evidence,
    source=st.sampled_from(["model", "said", "heart_rate"]),
    loading=loadings,
    value=st.floats(-50, 50),
    variance=st.floats(1e-6, 50),
)
quiet = settings(max_examples=60, deadline=None)


def is_proper(belief: Belief) -> bool:
    return bool(
        np.isfinite(belief.mean).all()
        and (np.abs(belief.mean) <= 1).all()
        and (np.linalg.eigvalsh(belief.covariance) > 0).all()
        and np.allclose(belief.covariance, belief.covariance.T)
    )


@quiet
@given(st.lists(st.tuples(st.lists(readings, max_size=5), st.floats(0, 3e5)), max_size=12))
def test_it_stays_bounded_and_its_variance_is_never_negative(steps):
    belief, at = stranger(0.0), 0.0
    for found, wait in steps:
        at += wait
        belief = update(predict(belief, at), found)
        assert is_proper(belief)
        assert (np.diag(belief.covariance) <= np.diag(STATIONARY) + 1e-6).all()


@quiet
@given(st.lists(readings, min_size=2, max_size=8), st.randoms())
def test_the_order_of_evidence_within_a_step_does_not_matter(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    one, other = update(stranger(0.0), found), update(stranger(0.0), shuffled)
    assert np.array_equal(one.mean, other.mean)
    assert np.array_equal(one.covariance, other.covariance)


@quiet
@given(readings)
def test_evidence_never_makes_less_sure(one):
    before = stranger(0.0)
    after = update(before, [one])
    assert np.trace(after.covariance) <= np.trace(before.covariance) + 1e-9


@quiet
@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_without_data_the_doubt_widens_up_to_that_of_a_stranger(first, second):
    sure = update(stranger(0.0), evidence.said({"a": 0.5, "e": -0.5, "r": 0.1}))
    soon, late = predict(sure, first), predict(sure, first + second)
    assert (sure.sd <= soon.sd + 1e-9).all()
    assert (soon.sd <= late.sd + 1e-9).all()
    assert (late.sd <= np.sqrt(np.diag(STATIONARY)) + 1e-6).all()


def test_after_days_it_is_a_stranger_again():
    sure = update(stranger(0.0), evidence.said({"e": -0.9}))
    later = predict(sure, 30 * 86400.0)
    assert np.allclose(later.mean, 0, atol=1e-6)
    assert np.allclose(later.covariance, STATIONARY, atol=1e-6)


def test_a_time_in_the_past_changes_nothing():
    sure = update(stranger(1000.0), evidence.said({"e": -0.9}))
    assert np.allclose(predict(sure, 10.0).covariance, sure.covariance)


def test_a_persons_own_word_counts_more_than_the_model():
    belief = update(stranger(0.0), evidence.said({"e": 0.5}) + evidence.modelled((0, -0.5, 0), (0.05, 0.05, 0.05)))
    assert belief.mean[1] > 0.2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_evidence(value):
    before = stranger(0.0)
    after = update(before, [Evidence("heart_rate", (0, 1, 0), value, 1.0), Evidence("x", (0, 1, 0), 0.2, 0.0)])
    assert np.allclose(after.covariance, before.covariance)


def test_an_outlier_is_trusted_less_than_in_proportion():
    usual = update(stranger(0.0), [Evidence("heart_rate", (0, -1.3, 0), 1.0, 1.0)])
    wild = update(stranger(0.0), [Evidence("heart_rate", (0, -1.3, 0), 9.9, 1.0)])
    assert wild.sd[1] > usual.sd[1]
    assert wild.mean[1] > -0.9


def test_a_practice_brings_its_axis_towards_its_ceiling():
    before = stranger(0.0)
    after = practised(before, "relax", 300)
    assert 0.2 < after.mean[1] < 0.75
    assert after.mean[0] == before.mean[0]
    assert practised(before, "dance", 300) is before


def test_distance_is_zero_at_the_ideal_and_grows():
    assert distance(np.array([0.4, 0.4, 0.3]), np.array([0.4, 0.4, 0.3])) == 0
    assert distance(np.zeros(3), np.ones(3)) == pytest.approx(1.0)
