"""Cards of the page "Today" come from every app that registered, in order."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from therapy.core import today
from therapy.core.today import TodayCard


def test_cards_come_in_order_and_a_name_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "_providers", {})
    asked: list[UUID] = []

    def late(person_id: UUID) -> list[TodayCard]:
        asked.append(person_id)
        return [TodayCard("late", "Later", "A text.", "/later/", "Begin", order=90)]

    def early(_person_id: UUID) -> list[TodayCard]:
        return [TodayCard("early", "First", "A text.", "/first/", "Begin", order=10)]

    today.register_today("one", late)
    today.register_today("one", late)
    today.register_today("two", early)
    person = uuid4()
    assert [card.key for card in today.cards_of(person)] == ["early", "late"]
    assert asked == [person]


def test_in_danger_only_what_is_about_safety_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "_providers", {})
    made = [
        TodayCard("diary", "A diary", "A text.", "/diary/", "Begin"),
        TodayCard("question", "A question", "A text.", "/question/", "Answer", stays_in_danger=True),
    ]
    today.register_today("one", lambda _person_id: made)
    assert [card.key for card in today.cards_of(uuid4(), is_in_danger=True)] == ["question"]
    assert len(today.cards_of(uuid4())) == 2
