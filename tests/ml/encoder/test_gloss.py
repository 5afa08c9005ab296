"""Chinese read word by word in English, with every word's way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.encoder.gloss import GlossaryError, gloss, load, segment
from ml.text import normalise


@pytest.mark.parametrize(
    ("chinese", "words"),
    [
        ("我不想活了", ("don't want to live",)),
        ("今天累死了", ("today", "exhausted")),
        ("没有想死", ("n",)),
        ("妈妈骂我", ("mom", "scold")),
    ],
)
def test_words_are_read_by_meaning(chinese, words):
    text = gloss(normalise(chinese).text).text
    assert all(word in text for word in words), text


def test_every_glossed_character_points_at_its_word():
    source = "hi 我很累, ok"
    glossed = gloss(source)
    at = glossed.text.index("tired")
    assert source[glossed.starts[at] : glossed.ends[at]] == "累"
    at = glossed.text.index("ok")
    assert source[glossed.starts[at] : glossed.ends[at + 1]] == "ok"


def test_exaggeration_is_not_death():
    assert "die" not in gloss("笑死我了").text
    assert "dead" not in gloss("笑死我了").text


def test_segments_cover_the_text():
    text = "我昨天晚上一个人在天台站了很久"
    words = segment(text)
    assert "".join(word for word, _ in words) == text
    assert len(words) < len(text)


@given(st.text(max_size=200))
def test_any_text_is_glossed_with_as_many_places_as_characters(text):
    glossed = gloss(text)
    assert len(glossed.text) == len(glossed.starts) == len(glossed.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(glossed.starts, glossed.ends, strict=True))


def test_a_broken_glossary_says_which_line(tmp_path):
    file = tmp_path / "zh.txt"
    file.write_text("我 i\n坏\n", encoding="utf-8")
    with pytest.raises(GlossaryError, match="line 2"):
        load(file)
    with pytest.raises(GlossaryError, match="FileNotFoundError"):
        load(tmp_path / "none.txt")


def test_most_of_what_people_write_is_in_the_glossary():
    entries = load().entries
    text = "我最近总是睡不着, 一想到明天要上班就心慌, 不知道该跟谁说"
    words = [word for part in text.split(", ") for word, _ in segment(part)]
    assert sum(word in entries for word in words) == len(words)
