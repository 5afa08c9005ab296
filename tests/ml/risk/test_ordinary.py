"""Ordinary talk alarms nobody, and a harmless beginning takes nothing from what is dangerous."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.risk import assess
from ml.risk.reading import read
from ml.types import ChatTurn, RiskLevel
from tests.ml.risk.statements import statements

GREETINGS = {
    "en": (ChatTurn("user", "hello"), ChatTurn("assistant", "Hello, good to see you. How has your day been?")),
    "zh": (ChatTurn("user", "你好"), ChatTurn("assistant", "你好，很高兴见到你。今天过得怎么样？")),
}
SMALL_TALK = [
    *(
        "hey",
        "hi",
        "Hello!",
        "ok",
        "OK, thanks",
        "thank you so much",
        "yes",
        "no",
        "idk",
        "hmm",
        "yeah sure",
        "you there?",
    ),
    *("你好", "在吗", "嗯", "嗯嗯", "好的", "好的，谢谢", "哈哈", "不知道", "是的", "没有", "哦", "收到"),
]
# Written for this test; none of these lines is in the training data.
ORDINARY = [
    "my exam got moved to thursday and I panicked a bit",
    "work was long, my manager kept changing the slides",
    "can't fall asleep, too much coffee probably",
    "my girlfriend and I split up in june and weekends are quiet",
    "I'm worried about the electricity bill",
    "the bus was late so I missed the start",
    "how do I start a conversation with my neighbour",
    "what did we talk about last time",
    "I cooked soup and watched a film",
    "I argued with my sister about the car",
    "my friends are all away this month",
    "I keep checking my email on sundays",
    "I'd like to get up earlier",
    "the breathing thing was nice",
    "can you write shorter please",
    "I feel nervous about the dentist",
    "我今天跟同事拌了几句嘴",
    "快考试了，书还没看完",
    "最近老加班，有点烦",
    "昨晚喝了奶茶没睡好",
    "上个月分手的，周末有点冷清",
    "这个月水电费好贵",
    "公交晚点，开头没赶上",
    "怎么跟邻居打招呼比较自然",
    "上次我们聊到哪了",
    "晚上煮了面看了部电影",
    "跟我姐因为车的事吵了两句",
    "朋友这个月都不在",
    "周日也老想看邮件",
    "我想早点起床",
    "那个呼吸练习还不错",
    "能不能说短一点",
]
CLEAR = [
    ("en", "I've decided, tomorrow it ends", RiskLevel.HIGH),
    ("en", "the pills are ready and I don't want to live", RiskLevel.HIGH),
    ("zh", "我不想活了，药已经准备好了", RiskLevel.HIGH),
    ("zh", "我在天台边上", RiskLevel.IMMINENT),
    ("zh", "今晚就吞药", RiskLevel.IMMINENT),
]


@pytest.mark.parametrize("text", SMALL_TALK)
@pytest.mark.parametrize("before", [(), GREETINGS["en"], GREETINGS["zh"]], ids=["first", "en", "zh"])
def test_small_talk_is_nothing(text: str, before: tuple[ChatTurn, ...]) -> None:
    assert assess(text, before).level == RiskLevel.NONE


@pytest.mark.parametrize("text", ["bye", "i want out", "死", "no more", "yes i took them", "再见了", "不想"])
def test_other_short_words_are_left_to_all_eyes(text: str) -> None:
    assert not read(text).is_small_talk


def test_small_talk_still_answers_a_question() -> None:
    asked = (ChatTurn("user", "I'm so tired"), ChatTurn("assistant", "Are you thinking of suicide?"))
    assert assess("yes", asked).level >= RiskLevel.MODERATE


def test_ordinary_messages_alarm_nobody() -> None:
    levels = [
        assess(text, before).level for text in ORDINARY for before in ((), GREETINGS["zh" if text > "\u3000" else "en"])
    ]
    assert sum(level >= RiskLevel.MODERATE for level in levels) <= 0.05 * len(levels)
    assert max(levels) < RiskLevel.HIGH


def test_look_alikes_rarely_alarm() -> None:
    """By rules none does (test_composition.py); the learned part takes one in eight for moderate, and pages for few."""
    levels = [assess(text).level for _, text in statements("look_alikes")]
    assert sum(level >= RiskLevel.MODERATE for level in levels) <= 0.14 * len(levels)
    assert sum(level >= RiskLevel.HIGH for level in levels) <= 0.05 * len(levels)


@pytest.mark.parametrize(("language", "text", "least"), CLEAR)
def test_clear_danger_stands_after_a_greeting(language: str, text: str, least: RiskLevel) -> None:
    assert assess(text).level >= least
    assert assess(text, GREETINGS[language]).level >= least


@pytest.mark.parametrize("language", ["en", "zh"])
def test_neutral_turns_lower_no_statement(language: str) -> None:
    for _, text in statements("imminent", "high", "moderate"):
        for before in (GREETINGS[language], GREETINGS[language] * 3):
            assert assess(text, before).level >= assess(text).level


@given(st.text(max_size=80), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_greetings_change_nothing_of_what_the_encoder_reads(text: str, times: int) -> None:
    for greeting in GREETINGS.values():
        assert read(text, greeting * times).context == ()


def test_what_was_asked_and_said_is_read_with_the_message() -> None:
    asked = (*GREETINGS["en"], ChatTurn("user", "i counted them"), ChatTurn("assistant", "The jars?"))
    assert [turn.text for turn in read("all forty", asked).context] == ["i counted them", "The jars?"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("we're rehearsing the school play tonight", True),
        ("我们今晚排练话剧", True),
        ("my exam is tomorrow and I'm stressed", False),
        ("工作压力好大", False),
        ("I want to die, and I have to play a game at the party", False),
    ],
)
def test_only_named_harmless_scenes_count(said: str, expected: bool) -> None:
    before = (ChatTurn("user", said), ChatTurn("assistant", "Mm."))
    assert read("the rope is up", before).has_setting is expected


@pytest.mark.parametrize(
    ("question", "answer", "least"),
    [
        ("Are you safe right now?", "no", RiskLevel.MODERATE),
        ("Are you safe right now?", "not really", RiskLevel.MODERATE),
        ("Do you feel safe at home?", "idk", RiskLevel.MODERATE),
        ("你现在安全吗？", "不太", RiskLevel.MODERATE),
        ("你现在安全吗？", "不知道", RiskLevel.MODERATE),
        ("", "no, I'm not safe with myself", RiskLevel.HIGH),
        ("Are you safe right now?", "yes I am safe, at my sister's", RiskLevel.NONE),
        ("你现在安全吗？", "安全，我在家", RiskLevel.NONE),
        ("Is the new bike safe to ride?", "no", RiskLevel.NONE),
    ],
)
def test_no_is_no_good_answer_to_are_you_safe(question: str, answer: str, least: RiskLevel) -> None:
    context = (ChatTurn("assistant", question),) if question else ()
    found = assess(answer, context)
    assert found.level >= least
    if least == RiskLevel.NONE:
        assert found.level < RiskLevel.MODERATE
    scene = (ChatTurn("user", "I keep thinking about ending my life"), *context)
    if least == RiskLevel.MODERATE:
        assert assess(answer, scene).level >= RiskLevel.HIGH


@pytest.mark.parametrize(
    ("before", "question", "text"),
    [
        (
            ("my dad died in september", "everyone thinks I'm coping"),
            "If the thoughts get stronger, please contact the crisis line. Do you mean you're thinking about suicide?",
            "I still hear his keys in the door",
        ),
        (
            ("我爸九月走了", "他的工具房我进不去"),
            "用「自杀」两个字直接问，等对方答完。「立即求助」页面上的热线也接替别人担心的电话。",
            "我哥已经想卖房子了",
        ),
    ],
)
def test_our_own_grave_question_makes_no_alarm(before: tuple[str, ...], question: str, text: str) -> None:
    """A check-in asked by mistake must not page somebody over the next plain sentence."""
    turns = [ChatTurn("user", said) for said in before]
    assert assess(text, (*turns, ChatTurn("assistant", question))).level < RiskLevel.HIGH
    assert assess("yes, every night", (*turns, ChatTurn("assistant", question))).level >= RiskLevel.LOW
