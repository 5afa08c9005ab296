"""The tables fit the library and the reply bank, and read both languages without the obvious mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ml.planning.words as words
from ml.planning.library import load
from ml.planning.reading import EMOTIONS
from ml.understanding.labels import FEELINGS

BANK = Path(__file__).resolve().parents[3] / "ml" / "data" / "bank"


def test_every_problem_of_the_graph_has_words() -> None:
    assert set(words.problems()) == {edge.source for edge in load().problem_edges}


def test_cautions_and_feelings_exist() -> None:
    assert set(words.hints()) == set(load().constraints) - {"high_suicide_risk"}
    assert all(feeling.techniques <= EMOTIONS for feeling in words.feelings().values())
    assert {"fear", "sadness", "anger", "shame", "guilt", "loneliness"} <= set(words.feelings()) & set(FEELINGS)


def test_topics_are_topics_of_the_bank() -> None:
    rows = [json.loads(line) for name in ("en", "zh") for line in (BANK / f"bank_{name}.jsonl").open(encoding="utf-8")]
    known = {topic for row in rows for topic in row["topics"]}
    used = {topic for problem in words.problems().values() for topic in problem.topics}
    assert used <= known
    # What is left out says nothing about a problem: talk about the talk itself, or only a caution.
    not_problems = {"any", "about_bot", "silence", "small_talk", "thanks", "plan_review", "teen"}
    assert known - used == not_problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("I can't SLEEP before my exams", "insomnia"),
        ("I can't SLEEP before my exams", "exam_stress"),
        ("考研压力大，晚上睡不着", "insomnia"),
        ("考試壓力大", "exam_stress"),
        ("I keep putting things off", "procrastination"),
        ("和爸妈总吵架", "relationship_conflict"),
    ],
)
def test_a_problem_is_found(text: str, problem: str) -> None:
    assert problem in words.problems_in(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("my father likes painting", "pain_coping"),
        ("my father likes painting", "body_image"),
        ("a number on the bulletin", "anhedonia"),
        ("a number on the bulletin", "bullying_aftermath"),
        ("public transport", "identity_stress"),
    ],
)
def test_a_part_of_another_word_is_not_a_problem(text: str, problem: str) -> None:
    assert problem not in words.problems_in(text)


@pytest.mark.parametrize(
    ("text", "caution"),
    [
        ("I have Asthma", "heart_or_breathing_condition"),
        ("我有哮喘", "heart_or_breathing_condition"),
        ("they say I am bipolar", "mania_symptoms"),
        ("我有双相", "mania_symptoms"),
        ("my mum died in spring", "recent_bereavement_first_weeks"),
        ("I'm 16 and tired", "minor_without_adult"),
        ("我16岁", "minor_without_adult"),
        ("I quit drinking last week", "substance_withdrawal"),
        ("我起不了床", "severe_depression_alone"),
        ("I am pregnant", "pregnancy_late"),
        ("有癫痫病史", "seizure_history"),
        ("binge and purge", "eating_disorder_active"),
        ("ptsd from the army", "active_trauma_processing"),
        ("sometimes I hear voices", "psychosis_symptoms"),
    ],
)
def test_a_caution_is_hinted_at(text: str, caution: str) -> None:
    assert caution in words.cautions_in([text], [], [])


def test_old_grief_is_not_fresh_grief() -> None:
    assert words.cautions_in(["my mum died ten years ago"], [], []) == frozenset()
    assert words.cautions_in(["我妈十年前去世了"], [], []) == frozenset()


def test_topics_and_kinds_of_flags_hint_too() -> None:
    assert words.cautions_in([], ["trauma"], ["psychosis"]) == {"active_trauma_processing", "psychosis_symptoms"}


@pytest.mark.parametrize("text", ["", "\x00\u202e\ud800", "🙂" * 50_000, "<script>alert(1)</script>", "a" * 1_000_000])
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(words.problems_in(text), tuple)
