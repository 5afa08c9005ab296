"""What normalisation promises: the plain form, offsets back to the original, and calm on any input."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.text import LIMIT, detect_language, normalise, split_sentences


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("I want to k1ll my\u200bself", "i want to kill myself"),
        ("ＫＩＬＬ ｍｙｓｅｌｆ", "kill myself"),
        ("𝓘 𝔀𝓪𝓷𝓽 𝓽𝓸 𝓭𝓲𝓮", "i want to die"),
        ("s u i c i d e", "suicide"),
        ("s.u.i.c.i.d.a.l", "suicidal"),
        ("su*cide", "suicide"),
        ("5uic1de", "suicide"),
        ("сuicide", "suicide"),
        ("suïcide", "suicide"),
        ("k!ll myself", "kill myself"),
        ("un-alive myself", "kill myself"),
        ("sewerslide", "suicide"),
        ("kms", "kill myself"),
        ("dieeeeee", "die"),
        ("I’m done", "i'm done"),
        ("tag\U000e0041\U000e0042 hi", "tag hi"),
        ("a\x00b\x07c", "abc"),
        ("wanna die tmrw", "want to die tomorrow"),
        ("想鼠", "想死"),
        ("想亖", "想死"),
        ("想𝐬𝐢", "想死"),
        ("我想zs", "我想自杀"),
        ("我想紫砂", "我想自杀"),
        ("自鲨", "自杀"),
        ("自 杀", "自杀"),
        ("自.杀", "自杀"),
        ("自*杀", "自杀"),
        ("自殺", "自杀"),
        ("遺書寫好了", "遗书写好了"),
        ("我唔想活", "我不想活"),
        ("佢喺天台", "他在天台"),
        ("最近玉玉了", "最近抑郁了"),
    ],
)
def test_hidden_words_become_plain(written: str, plain: str) -> None:
    assert normalise(written).text == plain


@pytest.mark.parametrize(
    "written",
    [
        "买了一把紫砂壶",
        "我想4点起床",
        "i'm 15 and have 2 cats",
        "ring me at 10pm",
        "把孩子杀了的角色",
        "the pool is cool",
    ],
)
def test_innocent_look_alikes_stay(written: str) -> None:
    assert normalise(written).text == written


def test_emoji_are_read_in_the_language_of_the_text() -> None:
    assert "pills" in normalise("took the 💊").text
    assert "药" in normalise("吃了💊").text


@pytest.mark.parametrize(
    ("written", "word", "original"),
    [
        ("ok, I want to k1ll my\u200bself!", "kill myself", "k1ll my\u200bself"),
        ("真的好想\u200b鼠啊", "想死", "想\u200b鼠"),
        ("so s u i c i d a l now", "suicidal", "s u i c i d a l"),
    ],
)
def test_spans_point_into_the_original(written: str, word: str, original: str) -> None:
    found = normalise(written)
    place = found.text.index(word)
    start, end = found.original_span(place, place + len(word))
    assert written[start:end] == original


@given(st.text(max_size=400))
def test_any_text_keeps_valid_offsets(text: str) -> None:
    found = normalise(text)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(found.starts, found.ends, strict=True))
    assert found.text == found.text.lower()


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "我想死" * 300_000, "😀💊" * 5_000, "k i l l " * 125_000, "\ud800" * 100_000, "1a" * 500_000, ""],
    ids=["letters", "han", "emoji", "spaced", "surrogates", "leet", "empty"],
)
def test_flood_is_bounded(text: str) -> None:
    begun = time.perf_counter()
    found = normalise(text)
    assert time.perf_counter() - begun < 3.0
    assert found.is_cut == (len(text) > LIMIT)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how are you", "en"),
        ("你好吗", "zh"),
        ("今天的meeting好烦", "zh"),
        ("my friend 小明 is coming over for dinner tonight", "en"),
        ("👍", "zh"),
        ("", "zh"),
    ],
)
def test_language_goes_by_the_main_part(text: str, language: str) -> None:
    assert detect_language(text, "zh") == language


def test_sentences_of_both_languages() -> None:
    assert split_sentences("I'm tired. Really tired! Why?\nok") == ["I'm tired.", "Really tired!", "Why?", "ok"]
    assert split_sentences("我累了。真的!为什么?好") == ["我累了。", "真的!", "为什么?", "好"]
    assert split_sentences("  ") == []
