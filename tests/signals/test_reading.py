"""Rows: clocks, gaps, odd and impossible values, refusals by row. No database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy.signals.hrv import successive
from therapy.signals.kinds import KINDS
from therapy.signals.reading import read, skew_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ALL = frozenset(KINDS)


def row(kind="heart_rate", at=NOW, value=70.0, **more):
    return {"kind": kind, "at": at.isoformat() if isinstance(at, datetime) else at, "value": value, **more}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (row(kind="mood"), "unknown_kind"),
        (row(kind=["heart_rate"]), "unknown_kind"),
        (row(value="70"), "value"),
        (row(value=True), "value"),
        (row(value=None), "value"),
        (row(value=-3), "impossible"),
        (row(value=1e400), "impossible"),
        (row(value=10**400), "impossible"),
        (row(at="yesterday, in the afternoon"), "time"),
        (row(at="2026-11-22T11:00:00"), "time"),
        (row(at="0001-01-01T00:00:00+14:00"), "time"),
        (row(at=5), "time"),
        (row(at=NOW + timedelta(minutes=2)), "future"),
        (row(at=NOW - timedelta(days=40)), "old"),
        (row("app_focus", value="casino"), "value"),
        (row("rr", values=[]), "value"),
        (row("rr", values=[800] * 301), "value"),
        ("heart_rate", "value"),
    ],
)
def test_what_cannot_be_is_refused_by_row(bad, code):
    found = read([row(), bad], allowed=ALL, now=NOW)
    assert [(one.row, one.code) for one in found.refused] == [(1, code)]
    assert len(found.kept) == 1


def test_what_is_not_allowed_is_refused():
    found = read([row(), row("steps", value=10)], allowed={"steps"}, now=NOW)
    assert [(one.row, one.code) for one in found.refused] == [(0, "not_allowed")]


def test_odd_values_are_flagged_and_kept():
    found = read([row(value=250)], allowed=ALL, now=NOW)
    assert found.kept[0].flags == ("range",)


def test_a_spike_in_a_batch_is_flagged():
    rows = [row(at=NOW - timedelta(seconds=step), value=70 + step % 3) for step in range(20)]
    rows[7]["value"] = 140
    found = read(rows, allowed=ALL, now=NOW)
    assert [one.row for one in found.kept if one.flags] == [7]


def test_gaps_are_counted():
    times = [0, 1, 2, 3, 60, 61, 62, 200, 201]
    found = read([row(at=NOW - timedelta(seconds=300 - step)) for step in times], allowed=ALL, now=NOW)
    assert found.gaps == 2


@pytest.mark.parametrize(
    ("behind", "corrected"), [(0, 0), (1.5, 0), (30, 30), (-30, -30), (800, 800), (1000, 0), (-90000, 0)]
)
def test_the_clock_of_a_device_is_corrected_within_bounds(behind, corrected):
    assert skew_of(NOW - timedelta(seconds=behind), NOW) == timedelta(seconds=corrected)


def test_a_clock_that_is_ahead_is_taken_back():
    ahead = NOW + timedelta(minutes=5)
    found = read([row(at=ahead)], allowed=ALL, now=NOW, sent_at=ahead)
    assert (found.kept[0].at, found.kept[0].claimed) == (NOW, ahead)


junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
rows = st.fixed_dictionaries({"kind": st.sampled_from([*KINDS, "x"]) | junk, "at": junk, "value": junk, "values": junk})


@settings(max_examples=150, deadline=None)
@given(st.lists(rows | junk, max_size=6))
def test_any_row_is_kept_or_refused(batch):
    found = read(batch, allowed=ALL, now=NOW)
    assert sorted([one.row for one in found.kept] + [one.row for one in found.refused]) == list(range(len(batch)))


# Intervals and results of NeuroKit2 0.2.13, `hrv_time` with peaks at their running sum, 1,000 samples a second.
BEATS = [
    *(830, 824, 857, 880, 903, 882, 870, 867, 908, 931, 897, 858, 862, 923, 884, 831, 866, 833, 840, 837, 825, 850),
    *(828, 810, 830, 837, 772, 804, 786, 806, 779, 815, 817, 814, 801, 823, 812, 811, 858, 831, 894, 889, 826, 888),
    *(857, 888, 890, 840, 884, 882, 910, 852, 896, 845, 858, 839, 890, 861, 901, 850, 849, 844, 803, 813),
]
NEUROKIT_RMSSD = 33.02019584032374


def test_rmssd_is_that_of_a_published_library():
    assert successive(BEATS).rmssd() == pytest.approx(NEUROKIT_RMSSD, abs=1e-9)


def test_a_missed_beat_does_not_count():
    broken = [*BEATS[:30], 1700, *BEATS[30:]]
    assert successive(broken).rmssd() == pytest.approx(NEUROKIT_RMSSD, rel=0.05)
    assert successive(broken, clean=False).rmssd() > 100


def test_too_few_beats_say_nothing():
    assert successive(BEATS[:15]).rmssd() is None
