"""Training text: what could identify somebody is taken out, ordinary words and numbers stay."""

import pytest

from ml.training.scrub import scrub, scrub_turns
from ml.types import ChatTurn


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("write to anna.b@mail.example.org please", "[email]"),
        ("my number is +44 7911 123456", "[phone]"),
        ("ring me on (020) 7946 0958", "[phone]"),
        ("我的手机是13812345678，打给我", "[phone]"),
        ("SSN 123-45-6789", "[id]"),
        ("身份证11010119900307123X", "[id]"),
        ("card 4111 1111 1111 1111", "[number]"),
        ("see https://example.org/me", "[link]"),
        ("加我微信号：anna_2020", "[handle]"),
    ],
)
def test_what_identifies_is_marked(text: str, mark: str) -> None:
    cleaned = scrub(text)
    assert mark in cleaned
    assert not any(piece in cleaned for piece in ("anna", "7911", "7946", "138", "6789", "1101", "4111", "example"))


@pytest.mark.parametrize(
    "text",
    [
        "I was up at 3:30 again",
        "from 2019-2023 I lived there",
        "5-4-3-2-1, name five things",
        "我今年17岁，考了580分",
        "8 out of 10",
    ],
)
def test_ordinary_numbers_stay(text: str) -> None:
    assert scrub(text) == text


def test_an_introduced_name_goes_from_the_whole_dialogue() -> None:
    turns = (
        ChatTurn("user", "Hi, my name is Marta Kowal and I can't sleep."),
        ChatTurn("assistant", "That sounds tiring, Marta Kowal. Marta Kowal, what keeps you up?"),
        ChatTurn("user", "they all say Marta Kowal is weak"),
    )
    cleaned = scrub_turns(turns)
    assert not any("Marta" in turn.text for turn in cleaned)
    assert cleaned[0].text == "Hi, my name is [name] and I can't sleep."
    assert cleaned[1].text == "That sounds tiring. what keeps you up?"


def test_chinese_names_go_and_ordinary_phrases_stay() -> None:
    turns = (
        ChatTurn("user", "我叫李晓雯，最近很累。"),
        ChatTurn("assistant", "晓雯这个名字我不重复。李晓雯，你累了多久？"),
    )
    cleaned = scrub_turns(turns)
    assert "李晓雯" not in cleaned[0].text + cleaned[1].text
    plain = (ChatTurn("user", "妈妈老是叫我起床，我叫他别管我。"),)
    assert scrub_turns(plain) == plain
