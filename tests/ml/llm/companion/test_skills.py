"""Guided skills: begun on request or with consent, led to the end, left at any step, ended by danger, told back."""

from __future__ import annotations

import re

import pytest

from ml.llm.companion.bank import load_bank
from ml.llm.companion.skills.fitting import number_in
from ml.llm.companion.skills.place import find
from ml.llm.companion.skills.records import NAMES, load_skills
from ml.llm.guard import check
from ml.types import HUMAN_CAME, HUMAN_LEFT, ChatTurn, Language, ReplyRequest, RiskLevel
from tests.ml.llm.companion.talk import Talk

LANGUAGES: tuple[Language, ...] = ("en", "zh")
REQUESTS: list[tuple[Language, str, str]] = [
    ("en", "can we do the breathing exercise?", "breathing"),
    ("en", "can we do the grounding thing", "grounding"),
    ("en", "5-4-3-2-1 please", "grounding"),
    ("en", "let's do a thought record", "thought_record"),
    ("en", "could we try problem solving", "problem_solving"),
    ("en", "help me find out what matters to me", "values"),
    ("en", "help me wind down", "wind_down"),
    ("en", "let's try the scaling questions", "scaling"),
    ("zh", "带我做呼吸练习", "breathing"),
    ("zh", "能做一下着陆练习吗", "grounding"),
    ("zh", "我想做想法记录", "thought_record"),
    ("zh", "我想一步一步理一理", "problem_solving"),
    ("zh", "想看看自己看重什么", "values"),
    ("zh", "带我做睡前收尾", "wind_down"),
    ("zh", "我想打分看看", "scaling"),
]
ANSWER = {
    "en": {"done": "done", "words": "the blue lamp on my desk", "list": "lamp, door, my coat, a cup", "number": "6"},
    "zh": {"done": "好了", "words": "桌上的蓝色台灯", "list": "台灯、门、外套、杯子", "number": "6"},
}
BEGIN = {"en": "can we do the grounding thing", "zh": "做一下着陆练习吧"}


def place_of(talk: Talk) -> tuple[str, str, int] | None:
    """The open place after a nod."""
    turns = (*talk.turns, ChatTurn("user", "ok"))
    found = find(ReplyRequest("r", talk.language, turns))
    return (found.skill.id, found.kind, found.step) if found else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_is_reviewed_by_state_its_own_and_passes_the_guard(language: Language) -> None:
    skills = load_skills(language)
    assert {skill.id for skill in skills.skills} == set(NAMES)
    assert {skill.review for skill in skills.skills} == {"unreviewed"}
    texts = [line.text for _, line in skills.places]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert check(text, language=language, risk=RiskLevel.NONE, allowed_numbers=frozenset()).is_allowed, text
        assert len(re.findall(r"[?？]", re.sub(r"“.*?”|「.*?」", "", text))) <= 1


@pytest.mark.parametrize(("language", "text", "skill"), REQUESTS)
def test_a_skill_is_begun_on_request(language: Language, text: str, skill: str) -> None:
    talk = Talk(language)
    talk.say(text)
    assert place_of(talk) == (skill, "ask", 0)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I tried the breathing exercise and it did nothing"),
        ("en", "what is grounding?"),
        ("en", "I can't breathe in this job"),
        ("zh", "呼吸练习做过了，没用"),
        ("zh", "什么是着陆练习"),
    ],
)
def test_talk_about_a_skill_does_not_begin_it(language: Language, text: str) -> None:
    talk = Talk(language)
    talk.say(text)
    assert place_of(talk) is None


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("language", "text", "skill"), REQUESTS)
def test_a_skill_is_led_to_its_end_and_told_back(language: Language, text: str, skill: str, seed: int) -> None:
    talk = Talk(language, seed=seed)
    talk.say(text)
    for step in load_skills(language).of(skill).steps:
        talk.say(ANSWER[language][step.expects])
    assert place_of(talk) is not None
    assert place_of(talk)[1] == "rate"  # type: ignore[index]
    talk.say("8")
    assert place_of(talk)[1] == "next"  # type: ignore[index]
    last = talk.say("call my sister" if language == "en" else "给姐姐打电话")
    assert ("call my sister" if language == "en" else "给姐姐打电话") in last
    assert place_of(talk) is None
    assert len(set(talk.replies)) == len(talk.replies)
    assert any(entry.startswith(f"skill:{skill}.") for entry in talk.used)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_look_back_holds_the_persons_words(language: Language) -> None:
    talk = Talk(language)
    talk.say(BEGIN[language])
    said = {
        "en": ["lamp, desk, my red cup", "the chair, my sleeve", "a fan", "coffee", "the cat is asleep"],
        "zh": ["台灯、书桌、红杯子", "椅子、袖子", "风扇", "咖啡", "猫睡着了"],
    }
    for words in said[language]:
        talk.say(words)
    for part in ("your red cup", "the cat is asleep") if language == "en" else ("红杯子", "猫睡着了"):
        assert part in talk.replies[-1]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "stop"), ("en", "I don't want to do this"), ("en", "not now"), ("zh", "停"), ("zh", "不想做了")],
)
def test_a_skill_is_left_at_any_step(language: Language, words: str) -> None:
    talk = Talk(language)
    talk.say(BEGIN[language])
    talk.say(ANSWER[language]["list"])
    talk.say(words)
    assert any(".left." in entry for entry in talk.last.entries)
    assert place_of(talk) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_is_put_again_kindly_and_then_let_go(language: Language) -> None:
    talk = Talk(language)
    talk.say("can we do the scaling questions" if language == "en" else "我想打分看看")
    for _ in range(2):
        talk.say("hm, colours" if language == "en" else "颜色吧")
        assert place_of(talk)[2] == 0  # type: ignore[index]
    talk.say("hm, colours" if language == "en" else "颜色吧")
    assert place_of(talk)[2] == 1  # type: ignore[index]
    assert len(set(talk.replies)) == len(talk.replies)


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_ends_a_skill_at_once_and_none_begins_in_it(language: Language) -> None:
    talk = Talk(language)
    talk.say(BEGIN[language])
    reply = talk.say("I want to die tonight" if language == "en" else "今晚想死", risk=RiskLevel.HIGH, kind="plan")
    assert ("988" if language == "en" else "12356") in reply
    talk.say(BEGIN[language], risk=RiskLevel.MODERATE, kind="ideation_active")
    assert not any(entry.startswith("skill:") for entry in talk.last.entries)


@pytest.mark.parametrize("level", [RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT])
def test_no_skill_is_begun_at_risk(level: RiskLevel) -> None:
    talk = Talk("en")
    talk.say("can we do the breathing thing", risk=level, kind="ideation_active")
    assert not any(entry.startswith("skill:") for entry in talk.last.entries)


def test_after_danger_that_was_asked_about_a_skill_may_run_again() -> None:
    talk = Talk("en")
    for text in ("I think about suicide", "no plan", "no", "my sister knows", "she is here"):
        talk.say(text, risk=RiskLevel.MODERATE, kind="ideation_active")
    talk.say("can we do the breathing thing", risk=RiskLevel.MODERATE)
    assert place_of(talk) == ("breathing", "ask", 0)


def test_a_counsellor_ends_a_skill() -> None:
    talk = Talk("en")
    talk.say(BEGIN["en"])
    talk.turns += [ChatTurn("system", HUMAN_CAME), ChatTurn("counsellor", "Hi"), ChatTurn("system", HUMAN_LEFT)]
    assert place_of(talk) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offer_asks_and_a_no_is_taken(language: Language) -> None:
    offered = "my heart is racing, I'm freaking out" if language == "en" else "心跳很快，慌得不行，冷静不下来"
    talk = Talk(language)
    talk.say(offered)
    assert place_of(talk) == ("breathing", "offer", 0)
    talk.say("no thanks" if language == "en" else "不用了")
    assert any(".declined." in entry for entry in talk.last.entries)
    other = Talk(language)
    other.say(offered)
    other.say("yes please" if language == "en" else "好")
    assert place_of(other) == ("breathing", "ask", 0)


def test_a_question_of_fact_in_between_is_answered_and_the_step_stays_open() -> None:
    talk = Talk("en")
    talk.say("let's do a thought record")
    talk.say("what is burnout?")
    assert "Source:" in talk.replies[-1]
    assert place_of(talk) == ("thought_record", "again", 0)


def test_the_language_may_change_in_between() -> None:
    talk = Talk("en")
    talk.say(BEGIN["en"])
    talk.language = "zh"
    talk.say("台灯、门、外套、杯子")
    assert place_of(talk) == ("grounding", "ask", 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("about an 8 I guess", 8), ("10", 10), ("十分", 10), ("三", 3), ("25", None), ("no idea", None)],
)
def test_numbers_are_read(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_skill_lines_are_no_bank_entries() -> None:
    assert not any(key.startswith("skill:") for key in load_bank("en").by_id)
