"""The four questions of a crisis, found in the person's words with their place; what is not found must be asked."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from ml.types import RiskLevel
from tests.review.test_transcript import open_with
from tests.safety.conftest import Raise
from therapy.chat.selectors import MessageView
from therapy.review.facts import facts_of


def view(text: str, *, seq: int = 1, level: int = 3, role: str = "user") -> MessageView:
    return MessageView(uuid4(), seq, role, text, timezone.now(), "en", level, "", {}, None)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "I want to die, I have pills here, tonight",
            {"desire": "want to die", "means": "pills", "timeframe": "tonight"},
        ),
        ("I wrote a letter and said goodbye", {"plan": "wrote a letter"}),
        ("我不想活了，药已经准备好了，就今晚", {"desire": "不想活", "means": "药", "timeframe": "今晚"}),
        ("遗书写好了，等他们都睡了", {"plan": "遗书", "timeframe": "等他们都睡"}),
        ("I feel so alone", {}),
    ],
)
def test_what_is_said_is_found(text: str, facts: dict[str, str]) -> None:
    found = {fact.key: fact.quotes[0].hit for fact in facts_of([view(text)]) if fact.quotes}
    assert found == facts


@pytest.mark.parametrize("text", ["I have no gun at home", "I don't have any pills", "我没有药", "我不会自杀"])
def test_denials_are_shown_as_denials(text: str) -> None:
    quotes = [quote for fact in facts_of([view(text)]) for quote in fact.quotes]
    assert quotes
    assert all(quote.is_denied for quote in quotes)


def test_time_and_means_count_near_danger_only() -> None:
    far = [view("tomorrow I take my pills for the cold", seq=number, level=0) for number in range(1, 5)]
    near = view("I want to die", seq=9)
    found = {fact.key: fact for fact in facts_of([*far, near])}
    assert {quote.seq for quote in found["means"].quotes} == {3, 4}
    assert facts_of(far)[2].is_open


def test_words_of_the_program_are_not_the_persons() -> None:
    assert all(fact.is_open for fact in facts_of([view("Do you have pills tonight?", role="assistant")]))


def test_packet_stands_above_the_conversation(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH, text="I want to die tonight").flag_id
    body = desk.get(open_with(desk, flag_id)).content.decode()
    assert body.index("desk-packet") < body.index("desk-strip")
    assert "<strong>tonight</strong>" in body
    assert "nothing said: ask" in body
