"""The rules of a practice: never too short, never endless, honest without knowledge."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attention.policy import TABLE, Progress, Reading, decide

CALM = Reading(a=0.0, e=0.6, r=0.0, sd_a=0.1, sd_e=0.1, sd_r=0.1)
TENSE = Reading(a=0.0, e=-0.6, r=0.0, sd_a=0.1, sd_e=0.1, sd_r=0.1)
IDEAL = (0.4, 0.4, 0.3)


def test_before_the_minimum_it_stays_even_if_all_is_well():
    assert decide(Progress("relax", 10, 10), CALM, IDEAL).action == "stay"


def test_it_goes_on_as_soon_as_the_axis_is_reached():
    step = decide(Progress("relax", 60, 60), CALM, IDEAL)
    assert (step.action, step.phase, step.why) == ("next", "mindfulness", "reached")


def test_it_stays_longer_where_somebody_is_tense_and_asks_for_slower_breath():
    step = decide(Progress("relax", 310, 310), TENSE, IDEAL)
    assert (step.action, step.prompt) == ("stay", "slower_breath")
    assert decide(Progress("relax", 600, 600), TENSE, IDEAL).action == "next"


def test_without_knowledge_it_follows_the_usual_script_and_ends():
    nothing = Reading()
    assert decide(Progress("relax", 299, 299), nothing, IDEAL).action == "stay"
    assert decide(Progress("relax", 300, 300), nothing, IDEAL).phase == "mindfulness"
    assert decide(Progress("focus", 300, 900), nothing, IDEAL).action == "end"


def test_somebody_worn_out_is_not_sent_to_focus():
    worn = Reading(a=0.5, e=0.5, r=-0.8, sd_a=0.1, sd_e=0.1, sd_r=0.1)
    step = decide(Progress("mindfulness", 200, 500), worn, IDEAL)
    assert (step.action, step.prompt) == ("end", "rest")


def test_attention_that_fell_is_called_back():
    reading = Reading(a=-0.3, e=0.5, r=0, sd_a=0.1, sd_e=0.1, sd_r=0.1)
    assert decide(Progress("mindfulness", 30, 400, a_at_start=0.1), reading, IDEAL).prompt == "come_back"


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([rule.name for rule in TABLE.phases]),
    st.floats(0, 4000),
    st.tuples(*[st.floats(-1, 1)] * 3),
    st.tuples(*[st.floats(0.01, 2)] * 3),
)
def test_no_phase_is_endless(phase, elapsed, values, doubts):
    step = decide(Progress(phase, elapsed, elapsed), Reading(*values, *doubts), IDEAL)
    assert step.seconds_left >= 0
    if elapsed >= TABLE.phase(phase).max:
        assert step.action != "stay"


def test_the_table_is_small_and_plain():
    table = TABLE.as_json()
    assert [rule["name"] for rule in table["phases"]] == ["relax", "mindfulness", "focus"]
    with pytest.raises(KeyError):
        TABLE.phase("dance")
