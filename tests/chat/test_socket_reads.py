"""The card for words that were not kept: help by itself, and no promise that somebody is being told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts import services as people
from accounts.models import User
from therapy.chat import socket_reads
from therapy.chat.models import ChatSession
from therapy.safety.models import Alert, RiskFlag

DANGER = "I have the pills in my hand and I am going to kill myself tonight"
TEAM = re.compile("counselling team|咨询师团队")


def steps_of(card: dict[str, Any] | None) -> str:
    assert card
    return " ".join(card["steps"])


@pytest.mark.parametrize(
    ("text", "language", "line", "said"),
    [(DANGER, "en", "116 123", "has not been kept"), ("我不想活了，药已经准备好了", "zh", "12356", "还没有保存")],
)
def test_words_alone_get_help_and_the_truth(text: str, language: Any, line: str, said: str) -> None:
    card = socket_reads.card_alone(text, language, "GB" if language == "en" else "")
    assert card
    assert (card["flag"], card["pinned"]) == ("", True)
    assert line in [entry["number"] for entry in card["lines"]]
    assert said in card["steps"][-1]
    assert not TEAM.search(steps_of(card))


def test_everyday_words_get_no_card() -> None:
    assert socket_reads.card_alone("What a lovely morning", "en", "GB") is None


def test_words_that_were_refused_get_the_lines_of_the_place_and_write_nothing(
    alice: User, session: ChatSession
) -> None:
    people.update_profile(person_id=alice.pk, country="GB")
    card = socket_reads.card_for_text(alice.pk, session.pk, DANGER * 100)
    assert not TEAM.search(steps_of(card))
    assert "has not been kept" in steps_of(card)
    assert card is not None
    assert card["more"] == "/help/?country=GB"
    assert not RiskFlag.objects.exists()
    assert not Alert.objects.exists()


def test_somebody_elses_conversation_gives_no_card(bob: User, session: ChatSession) -> None:
    assert socket_reads.card_for_text(bob.pk, session.pk, DANGER) is None
