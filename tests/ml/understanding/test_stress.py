"""What weighs on a person: stressor and severity in both languages, and silence where it is not clear."""

from __future__ import annotations

import pytest

from ml.encoder import session
from ml.encoder.heads import STRESSORS
from ml.understanding import stress


@pytest.mark.parametrize(
    ("text", "stressor"),
    [
        ("My boss keeps giving me more work and I might be fired", "work"),
        ("I have three exams next week and I am failing math", "school"),
        ("I can't pay the rent and the debt collectors call every day", "money"),
        ("My parents are fighting about my brother again", "family"),
        ("老板天天让我加班，我快被开除了", "work"),
        ("下周三门考试，我数学要挂科了", "school"),
        ("房租交不起，催债的天天打电话", "money"),
    ],
)
def test_stressors_are_named(text, stressor):
    found = stress.read(text)
    assert found is not None
    assert found.stressor == stressor
    assert set(found.shares) == set(STRESSORS)


@pytest.mark.parametrize(
    ("heavy", "light"), [("my mother died last week", "I need to buy bread"), ("我妈上周去世了", "我要去买面包")]
)
def test_heavy_is_heavier_than_light(heavy, light):
    assert stress.read(heavy).severity > stress.read(light).severity


def test_topics_speak_the_banks_names_and_keep_quiet_otherwise():
    assert stress.topics("I can't pay the rent and the debt collectors call every day") == ("money",)
    assert stress.topics("hello") == ()


def test_without_the_encoder_there_is_no_reading(monkeypatch):
    def refuse():
        raise session.EncoderError("gone")

    monkeypatch.setattr(session, "load", refuse)
    assert stress.read("my boss shouts") is None
    assert stress.topics("my boss shouts") == ()
