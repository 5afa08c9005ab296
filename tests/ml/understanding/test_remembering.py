"""What of a message may be kept: the person's plain words, and nothing about danger, health or others."""

from __future__ import annotations

import pytest

from ml.types import Language
from ml.understanding import remembering
from ml.understanding.remembering import notice
from ml.understanding.summing_up import Summary, sum_up

KEPT: tuple[tuple[Language, str, str, str], ...] = (
    ("en", "I work night shifts at a hospital and I can't sleep.", "fact", "I work night shifts at a hospital"),
    ("en", "Well, I lost my job last month.", "fact", "I lost my job last month"),
    ("en", "I lost my job last month and the days are long.", "fact", "I lost my job last month"),
    ("en", "I have depression and I live alone", "fact", "I live alone"),
    ("en", "I don’t like breathing exercises, they make me dizzy", "preference", "I don't like breathing exercises"),
    ("en", "Walking helps me a lot", "preference", "Walking helps me a lot"),
    ("en", "Keep your answers short please", "preference", "Keep your answers short please"),
    ("en", "you can call me Sam", "preference", "You can call me Sam"),
    ("en", "Please answer in Chinese", "preference", "Please answer in Chinese"),
    ("zh", "我上夜班，白天睡不着。", "fact", "我上夜班"),
    ("zh", "我一个人住，有点冷清。", "fact", "我一个人住"),
    ("zh", "其实我上个月失业了。", "fact", "我上个月失业了"),
    ("zh", "呼吸练习对我没用", "preference", "呼吸练习对我没用"),
    ("zh", "回答短一点", "preference", "回答短一点"),
    ("zh", "散步能让我好受一点", "preference", "散步能让我好受一点"),
)
NOT_KEPT: tuple[tuple[Language, str], ...] = (
    ("en", "If I work nights I am tired"),
    ("en", "Do I work nights?"),
    ("en", "My friend said he is a nurse"),
    ("en", "My sister is pregnant"),
    ("en", "Remember that my sister is pregnant"),
    ("en", "Remember that I have bipolar disorder"),
    ("en", "I drink every night"),
    ("en", "I am a failure"),
    ("en", "I like being hurt"),
    ("en", "Call me worthless"),
    ("en", "In my novel I work nights"),
    ("en", "I used to work nights"),
    ("en", "I don't work nights"),
    ("zh", "如果我上夜班"),
    ("zh", "我有抑郁症"),
    ("zh", "我妹妹怀孕了"),
    ("zh", "记住她喜欢我"),
    ("zh", "我是不是护士"),
    ("zh", "我住院了"),
    ("zh", "我不上夜班"),
    ("zh", "我以前上夜班"),
)


@pytest.mark.parametrize(("language", "text", "kind", "kept"), KEPT)
def test_own_plain_words_are_kept(language: Language, text: str, kind: str, kept: str) -> None:
    assert [(one.kind, one.text) for one in notice(text, language)] == [(kind, kept)]


@pytest.mark.parametrize(("language", "text"), NOT_KEPT)
def test_nothing_else_is(language: Language, text: str) -> None:
    assert notice(text, language) == ()


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("en", "Please remember that I have an interview on Monday.", "I have an interview on Monday"),
        ("en", "Can you remember that I work nights", "I work nights"),
        ("zh", "请记住我不喜欢打电话", "我不喜欢打电话"),
        ("zh", "记住，我周三有面试。", "我周三有面试"),
    ],
)
def test_what_somebody_asks_for_is_kept(language: Language, text: str, kept: str) -> None:
    (one,) = notice(text, language)
    assert one.is_asked
    assert one.text == kept


def test_a_long_message_keeps_little_and_is_read_quickly() -> None:
    text = " ".join(f"I study subject {chr(97 + n % 26)}x." for n in range(2000))
    assert len(notice(text, "en")) <= remembering.MOST
    assert notice("我" * 50_000, "zh") == ()
    assert notice("i " * 50_000, "en") == ()


def test_a_talk_in_three_lines_of_their_own() -> None:
    said = [
        "My work is eating me.",
        "I just want to sleep through one night.",
        "ok, I'll try to leave the phone outside.",
    ]
    assert sum_up(said, ["work", "sleep", "work", "low_mood"], "en") == Summary(
        ("work", "sleep"), "I just want to sleep through one night", "I'll try to leave the phone outside"
    )
    said_zh = ["工作太累了。", "我只想好好睡一觉。", "那我今晚试试早点关手机。"]
    assert sum_up(said_zh, ["work"], "zh") == Summary(("work",), "我只想好好睡一觉", "那我今晚试试早点关手机")


@pytest.mark.parametrize("text", ["I want to die", "I want to kill my boss", "Do I want to leave?", "I'll never stop"])
def test_a_summary_leaves_danger_and_questions_out(text: str) -> None:
    assert sum_up([text], ["panic", "illness"], "en").is_empty
