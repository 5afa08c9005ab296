"""Openings that remember, what is known on asking, look-backs and closings: from what the person may see, no more."""

from __future__ import annotations

import pytest

from ml.types import Language, PersonContext
from tests.ml.llm.companion.talk import Talk

LANGUAGES: tuple[Language, ...] = ("en", "zh")
MEMORY = {
    "en": ("“Please keep answers short”", "12 November 2026: You wanted to call your sister."),
    "zh": ("「请简短一点」", "2026年11月12日：你想给姐姐打个电话。"),
}
HELLO = {"en": "hello", "zh": "你好"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_opening_comes_back_to_what_may_be_remembered(language: Language, seed: int) -> None:
    reply = Talk(language, seed=seed, memory=MEMORY[language]).say(HELLO[language])
    assert ("call your sister" if language == "en" else "给姐姐打个电话") in reply
    assert ("keep answers short" if language == "en" else "简短") not in reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_is_come_back_to_where_nothing_else_is_remembered(language: Language) -> None:
    step = "Walk after lunch" if language == "en" else "午饭后散步"
    assert step in Talk(language, person=PersonContext(plan_steps=(step,))).say(HELLO[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stranger_is_not_greeted_as_known(language: Language) -> None:
    for seed in range(6):
        reply = Talk(language, seed=seed).say(HELLO[language])
        assert not any(word in reply for word in ("again", "welcome back", "remember", "又见面", "欢迎回来", "记"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_memory_of_the_same_matter_is_asked_about(language: Language) -> None:
    memory = ("“I can't sleep since the new job”",) if language == "en" else ("「换工作以后睡不着」",)
    said = "I slept two hours last night" if language == "en" else "昨晚又失眠了"
    assert memory[0] in Talk(language, memory=memory).say(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_unsafe_memory_is_not_spoken(language: Language) -> None:
    memory = ("“I am worthless”",) if language == "en" else ("「我是废物」",)
    talk = Talk(language, memory=memory)
    assert memory[0] not in talk.say(HELLO[language])
    assert memory[0] not in talk.say("what do you know about me?" if language == "en" else "你知道我什么")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_known_is_told_whole(language: Language) -> None:
    person = PersonContext(name="Alex", goals=("sleep",), plan_steps=("Walk after lunch",))
    talk = Talk(language, person=person, memory=MEMORY[language])
    reply = talk.say("what do you know about me?" if language == "en" else "你知道我什么")
    for known in ("Alex", "sleep", "Walk after lunch", MEMORY[language][0], MEMORY[language][1].rstrip(".。")):
        assert known in reply


def hold(language: Language, last: str, seed: int = 1) -> Talk:
    talk = Talk(language, seed=seed)
    said = {
        "en": ["I had a fight with my dad about money", "he never listens to me", "I left without saying goodbye",
               "I could write to him tomorrow", last],
        "zh": ["我跟我爸因为钱吵了一架", "他从来不听我说", "我没说再见就走了", "要不我明天给他发条消息", last],
    }  # fmt: skip
    for text in said[language]:
        talk.say(text)
    return talk


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_summary_and_a_closing_hold_the_persons_words_and_step(seed: int) -> None:
    for last in ("what did we talk about?", "that's all for today"):
        reply = hold("en", last, seed).replies[-1]
        assert "dad about money" in reply or "he never listens to you" in reply
        assert "I could write to him tomorrow" in reply
    for last in ("我们聊了什么", "今天就先这样"):
        reply = hold("zh", last, seed).replies[-1]
        assert "因为钱吵了一架" in reply or "不听你说" in reply
        assert "明天给他发条消息" in reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closing_leads_to_people_and_asks_nothing(language: Language) -> None:
    talk = hold(language, "that's all for today" if language == "en" else "今天就先这样")
    assert len(talk.last.entries) == 3
    assert not any(mark in talk.replies[-1] for mark in "?？")


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_is_recognised_an_open_question_takes_over(language: Language) -> None:
    talk = Talk(language)
    talk.say("the neighbours play drums" if language == "en" else "邻居天天打鼓")
    assert not any(entry.startswith(("ben", "bzh")) for entry in talk.last.entries)
