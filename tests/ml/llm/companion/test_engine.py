"""The engine: streaming, cancel, seeds, speed, never nothing, never the same twice, one question, language."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ml.llm.companion import Companion
from ml.types import ChatTurn, Language, PersonContext, ReplyRequest, RiskLevel
from tests.ml.llm.companion.talk import Talk

LONG: dict[Language, list[str]] = {
    "en": [
        "hi",
        "my finals start in two weeks and I haven't revised",
        "I can't concentrate",
        "my parents paid for everything",
        "idk",
        "what should I do",
        "ok I'll try",
        "I slept three hours",
        "my roommate is already done",
        "I feel stupid",
        "yeah",
        "I cried in the library",
        "maybe I could ask my tutor",
        "no",
        "it's my dad mostly",
        "he never says it",
        "7",
        "is it normal to feel like this?",
        "why am I like this?",
        "I'm so tired",
        "...",
        "I miss home",
        "nobody here knows me",
        "I argued with my sister",
        "she said I'm selfish",
        "I feel guilty",
        "whatever",
        "it went a bit better today",
        "I finished one chapter",
        "thanks, good night",
    ],
    "zh": [
        "你好",
        "下个月考研，我还没复习完",
        "书看不进去",
        "我妈供我上学很辛苦",
        "不知道",
        "我该怎么办",
        "好，我试试",
        "昨晚只睡了三个小时",
        "室友都复习两遍了",
        "觉得自己很笨",
        "嗯",
        "在图书馆哭了",
        "要不我去问问导师",
        "没有",
        "主要是我爸",
        "他从来不说",
        "7分",
        "这样正常吗",
        "为什么我总这样",
        "好累",
        "……",
        "想家了",
        "这边没人认识我",
        "跟我姐吵架了",
        "她说我自私",
        "很内疚",
        "随便",
        "今天好一点了",
        "看完了一章",
        "谢谢，晚安",
    ],
}


def request(language: Language = "en", text: str = "I can't sleep", seed: int | None = 5) -> ReplyRequest:
    return ReplyRequest("r1", language, (ChatTurn("user", text),), crisis_line="988", emergency_number="911", seed=seed)


def text_of(wanted: ReplyRequest) -> str:
    return "".join(chunk.text for chunk in Companion().stream(wanted, lambda: False))


def test_it_says_what_it_is() -> None:
    info = Companion().info()
    assert (info.engine, info.adapter) == ("companion", "")
    assert info.model


def test_the_last_chunk_alone_carries_finish_strategy_and_entries() -> None:
    chunks = list(Companion().stream(request(), lambda: False))
    assert len(chunks) > 5
    assert [chunk.finish for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].finish == "stop"
    assert chunks[-1].strategy
    assert chunks[-1].entries


def test_cancel_stops_between_two_chunks() -> None:
    seen = 0

    def is_cancelled() -> bool:
        nonlocal seen
        seen += 1
        return seen > 3

    chunks = list(Companion().stream(request(), is_cancelled))
    assert [chunk.finish for chunk in chunks] == [None, None, None, "cancelled"]


def test_the_same_seed_says_the_same_and_another_may_not() -> None:
    assert text_of(request(seed=5)) == text_of(request(seed=5))
    assert len({text_of(request(seed=seed)) for seed in range(8)}) > 1
    assert text_of(request(seed=None)) == text_of(request(seed=None))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_thirty_turns_without_a_repetition(language: Language, seed: int) -> None:
    talk = Talk(language, seed=seed)
    for message in LONG[language]:
        talk.say(message)
    assert len(set(talk.replies)) == 30
    lines = [entry for entry in talk.used if not entry.startswith(("article:", "answer:"))]
    assert len(set(lines)) == len(lines)
    assert all(len(re.findall(r"[?？]", re.sub(r"[\"「“].*?[\"」”]", "", reply))) <= 1 for reply in talk.replies)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_thirty_turns_in_danger_without_a_repeated_reply(language: Language) -> None:
    talk = Talk(language)
    text = "I have a plan" if language == "en" else "我想好怎么做了"
    for _ in range(30):
        talk.say(text, risk=RiskLevel.HIGH, kind="plan")
    assert all(talk.replies)
    assert all(first != second for first, second in zip(talk.replies, talk.replies[1:], strict=False))
    assert len(set(talk.replies[:20])) == 20


@pytest.mark.parametrize(
    "text", ["", "   ", "🙂", "؟" * 50, "a" * 100_000, "<script>alert(1)</script>", "\u202eabc", "{name} {quote}"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_odd_input_still_gets_a_plain_reply(text: str, language: Language) -> None:
    reply = text_of(request(language, text))
    assert reply
    assert not set(reply) & set("<>{}")


def test_no_message_at_all_is_met_too() -> None:
    assert text_of(ReplyRequest("r", "en", ()))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_replies_are_in_the_persons_language(language: Language) -> None:
    talk = Talk(language)
    for message in LONG[language]:
        reply = talk.say(message)
        share = len(re.findall(r"[一-鿿]", reply)) / len(reply)
        assert share > 0.5 if language == "zh" else share == 0


def test_a_moderate_reply_is_brief() -> None:
    for language, kind in (
        ("en", "ideation_active"),
        ("zh", "ideation_active"),
        ("en", "abuse_disclosure"),
        ("zh", "psychosis"),
    ):
        talk = Talk(language)  # type: ignore[arg-type]
        for message in LONG[talk.language][:12]:
            reply = talk.say(message, risk=RiskLevel.MODERATE, kind=kind)
            assert len(reply.split()) <= 120 if language == "en" else len(reply) <= 200


def test_the_first_chunk_is_quick_even_late_in_a_long_talk() -> None:
    talk = Talk("en")
    for message in LONG["en"][:20]:
        talk.say(message)
    talk.turns.append(ChatTurn("user", "I argued with my sister again"))
    wanted = ReplyRequest("r", "en", tuple(talk.turns), used_entries=frozenset(talk.used), seed=1)
    times = []
    for _ in range(9):
        started = time.perf_counter()
        next(Companion().stream(wanted, lambda: False))
        times.append(time.perf_counter() - started)
    assert min(times) < 0.25  # the target is 0.06 s on an idle machine; this one is shared


def test_threads_do_not_disturb_each_other() -> None:
    wanted = [request("en" if n % 2 else "zh", f"I feel sad {n}", seed=n) for n in range(16)]
    alone = [text_of(one) for one in wanted]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(text_of, wanted)) == alone


def test_it_knows_only_what_the_person_shares() -> None:
    stranger = Talk("en").say("what do you know about me?")
    assert "only" in stranger.lower() or "nothing" in stranger.lower()
    known = Talk("en", person=PersonContext(name="Alex", plan_steps=("Walk for ten minutes after lunch",)))
    assert "Walk for ten minutes after lunch" in known.say("what do you know about me?")
    chinese = Talk("zh", person=PersonContext(plan_steps=("午饭后散步十分钟",)))
    assert "午饭后散步十分钟" in chinese.say("你知道我什么")
