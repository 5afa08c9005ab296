"""The bank holds enough lines where they are needed: strategy by topic, by feeling, by stage; each with its state."""

from __future__ import annotations

import pytest

from ml.llm.companion.bank import ANY, Entry, load_bank
from ml.llm.companion.lexicon import load_lexicon
from ml.types import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
FEWEST = 1500
# Lines that name the topic, at least, by strategy; lines for any topic come on top.
BY_TOPIC = {"question": 2, "suggestion": 2, "information": 1, "affirmation": 1}
FEELINGS = (
    "sadness", "fear", "anger", "shame", "guilt", "loneliness", "joy", "hope", "relief", "disgust", "surprise",
    "neutral",
)  # fmt: skip
BY_FEELING = {"reflection_of_feelings": 5, "affirmation": 1}
STAGES = ("opening", "exploring", "deepening", "acting", "closing", "returning")
# Lines that fit a cell of strategy, feeling and topic in the middle of a talk, named or open to all, by strategy.
BY_CELL = 8
BY_STAGE = 25
ORDINARY = ("question", "reflection_of_feelings", "suggestion", "affirmation", "information")


def count(entries: tuple[Entry, ...], strategy: str, **named: str) -> int:
    of_kind = (entry for entry in entries if entry.strategy == strategy)
    return sum(all(value in getattr(entry, key) for key, value in named.items()) for entry in of_kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_lines_and_each_has_a_review_state(language: Language) -> None:
    bank = load_bank(language)
    assert len(bank.entries) >= FEWEST
    assert len({entry.id for entry in bank.entries}) == len(bank.entries)
    assert {entry.review for entry in bank.entries} <= {"unreviewed", "approved"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_has_lines_of_its_own_for_every_strategy(language: Language) -> None:
    entries = load_bank(language).of(ANY)
    thin = [
        (topic, strategy)
        for topic in load_lexicon(language).topics
        for strategy, fewest in BY_TOPIC.items()
        if count(entries, strategy, topics=topic) < fewest
    ]
    assert thin == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_feeling_can_be_reflected_and_affirmed(language: Language) -> None:
    entries = load_bank(language).of(ANY)
    thin = [
        (feeling, strategy)
        for feeling in FEELINGS
        for strategy, fewest in BY_FEELING.items()
        if count(entries, strategy, emotions=feeling) < fewest
    ]
    assert thin == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_cell_of_strategy_feeling_and_topic_is_thin_between_beginning_and_end(language: Language) -> None:
    entries = [entry for entry in load_bank(language).of(ANY) if entry.stages - {"closing", "returning"}]
    thin = []
    for strategy in ORDINARY:
        of_kind = [entry for entry in entries if entry.strategy == strategy]
        for topic in load_lexicon(language).topics:
            near = [entry for entry in of_kind if {ANY, topic} & entry.topics]
            for feeling in FEELINGS:
                if sum(bool({ANY, feeling} & entry.emotions) for entry in near) < BY_CELL:
                    thin.append((strategy, topic, feeling))
    assert thin == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_has_lines_that_are_meant_for_it(language: Language) -> None:
    entries = load_bank(language).entries
    assert [stage for stage in STAGES if sum(stage in entry.stages for entry in entries) < BY_STAGE] == []
