"""Parts of a statement weighed together: plain words reach their level by rules alone, look-alikes stay below."""

from __future__ import annotations

import pytest

from ml.risk import assess
from ml.risk.composition import Parts, composed_hits
from ml.risk.lexicon import load_lexicon
from ml.risk.reading import read
from ml.types import ChatTurn, RiskLevel
from tests.ml.risk.statements import LANGUAGES, lines_of, statements


def said(*texts: str) -> tuple[ChatTurn, ...]:
    """Earlier turns of the person, each with an answer that asks nothing."""
    return tuple(turn for text in texts for turn in (ChatTurn("user", text), ChatTurn("assistant", "Mm. 嗯。")))


@pytest.mark.parametrize(("kind", "text"), statements("imminent", "high", "moderate"))
def test_plain_statements_need_no_head(kind: str, text: str) -> None:
    assert read(text).rule_level >= RiskLevel[kind.upper()]


@pytest.mark.parametrize(("kind", "text"), statements("imminent", "high"))
def test_a_greeting_before_changes_nothing(kind: str, text: str) -> None:
    greeting = (ChatTurn("user", "hello"), ChatTurn("assistant", "Hello, good to see you. What is on your mind?"))
    assert read(text, greeting).rule_level >= RiskLevel[kind.upper()]


@pytest.mark.parametrize(("kind", "text"), statements("look_alikes"))
def test_look_alikes_stay_below_moderate(kind: str, text: str) -> None:
    assert read(text).rule_level < RiskLevel.MODERATE


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("今天好累啊，想死", RiskLevel.MODERATE),
        ("今天想死", RiskLevel.HIGH),
        ("今天，我要去死", RiskLevel.HIGH),
        ("so tired today, i want to die", RiskLevel.MODERATE),
        ("i want to die today", RiskLevel.HIGH),
    ],
)
def test_today_is_a_time_only_where_it_belongs_to_the_wish(text: str, level: RiskLevel) -> None:
    assert read(text).rule_level == level


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_hold_enough(language: str) -> None:
    lines = lines_of(language)
    assert len(set(lines["imminent"] + lines["high"] + lines["moderate"])) >= 60
    assert len(set(lines["look_alikes"])) >= 60


@pytest.mark.parametrize(
    ("before", "text", "least"),
    [
        (("I don't want to live",), "the pills are on my desk", RiskLevel.HIGH),
        (("I don't want to live", "nobody answers", "it rained"), "I have a rope in my room", RiskLevel.HIGH),
        (("I want to die", "the pills are on my desk"), "I'm doing it tonight", RiskLevel.IMMINENT),
        (("I have saved up my pills",), "I don't want to be alive anymore", RiskLevel.HIGH),
        (("I want to die. I'd take my pills",), "they're in the drawer", RiskLevel.HIGH),
        (("我不想活了",), "药就在桌上", RiskLevel.HIGH),
        (("我不想活了", "没人理我", "下雨了"), "绳子买好了", RiskLevel.HIGH),
        (("我想死", "药都数好了"), "今晚就动手", RiskLevel.IMMINENT),
        (("家里有农药",), "我不想活了", RiskLevel.HIGH),
        (("我不想活了，想吃药",), "就在床头", RiskLevel.HIGH),
    ],
)
def test_parts_meet_across_turns(before: tuple[str, ...], text: str, least: RiskLevel) -> None:
    assert read(text, said(*before)).rule_level >= least


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (("I'm packing for the trip",), "my pills are in the bag"),
        (("my head hurts",), "the tablets are on the desk"),
        (("I don't want to live",), "I flushed the pills and gave the rest to my mum"),
        (("I never want to die",), "the knife is in the drawer"),
        (("头疼",), "药就在桌上"),
        (("我不想活了",), "药都给我妈了"),
        (("我们在排练话剧",), "绳子系好了"),
    ],
)
def test_parts_that_do_not_belong_together(before: tuple[str, ...], text: str) -> None:
    assert read(text, said(*before)).rule_level < RiskLevel.HIGH


def test_what_was_said_four_turns_ago_is_for_the_state() -> None:
    long_ago = said("I want to die", "one", "two", "three")
    assert not [hit for hit in read("the pills are on my desk", long_ago).hits if hit.rule.startswith("composed")]


def test_a_harmless_scene_leaves_the_message_itself_as_it_is() -> None:
    now = Parts(frozenset({"desire", "ready", "near"}), 0, 5)
    assert composed_hits(now, [], is_asked=False, is_harmless=True)[0].level == RiskLevel.IMMINENT
    wish = [Parts(frozenset({"desire"}))]
    ready = Parts(frozenset({"ready"}), 0, 5)
    assert composed_hits(ready, wish, is_asked=False, is_harmless=True) == []
    assert composed_hits(ready, wish, is_asked=False, is_harmless=False)[0].level == RiskLevel.HIGH


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_have_the_same_classes(language: str) -> None:
    lexicon = load_lexicon(language)  # type: ignore[arg-type]
    assert set(lexicon.classes) == set(load_lexicon("en").classes)
    assert {"desire", "method", "ready", "near", "when", "goodbye", "plan", "edge"} <= set(lexicon.classes)


def test_the_evidence_covers_the_parts() -> None:
    text = "hm. I want to die and I bought a rope. bye"
    spans = [text[one.start : one.end] for one in assess(text).evidence if one.rule == "composed.high"]
    assert spans
    assert "want to die" in spans[0]
    assert "rope" in spans[0]
