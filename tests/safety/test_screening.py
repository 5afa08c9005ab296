"""Screening fails closed and quotes nobody."""

from __future__ import annotations

import pytest

from ml.types import ChatTurn, RiskAssessment, RiskLevel
from tests.safety.conftest import CANARY
from therapy.safety import screening


def test_fault_counts_as_moderate_and_logs_no_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(text: str, context: object, language: object, **_options: bool) -> RiskAssessment:
        raise ValueError(f"cannot read {text}")

    monkeypatch.setattr(screening.risk, "assess", break_down)
    assessment = screening.screen(CANARY, (), "en")
    assert assessment.level == RiskLevel.MODERATE
    assert [item.source for item in assessment.evidence] == ["fault"]
    assert "ValueError" in caplog.text
    assert CANARY not in caplog.text


def test_context_reaches_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def look(text: str, context: object, language: object, **_options: bool) -> RiskAssessment:
        seen.append((text, context, language))
        return RiskAssessment(RiskLevel.LOW, "neutral", "en", "v")

    monkeypatch.setattr(screening.risk, "assess", look)
    turns = (ChatTurn("user", "before"),)
    assert screening.screen("now", turns, "en").level == RiskLevel.LOW
    assert seen == [("now", turns, "en")]


@pytest.mark.parametrize(
    ("text", "language"),
    [("我不想活了，药已经准备好了", "zh"), ("I have the pills next to me and I will take them tonight", "en")],
)
def test_clear_danger_is_at_least_high(text: str, language: str) -> None:
    assert screening.screen(text, (), language).level >= RiskLevel.HIGH  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "language"), [("今天作业好多，笑死我了", "zh"), ("What a lovely morning", "en")])
def test_plain_talk_raises_nothing(text: str, language: str) -> None:
    assert screening.screen(text, (), language).level < RiskLevel.MODERATE  # type: ignore[arg-type]
