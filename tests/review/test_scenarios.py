"""The scenario test: whole in both languages, marked by the table, passed only without a missed danger."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import ScenarioResult, User
from ml.types import Language, RiskLevel
from therapy.core.errors import ApplicationError
from therapy.review import scenarios

Browser = Callable[[User | None], Client]


def right() -> dict[str, str]:
    answers = {}
    for case in scenarios.scenarios("en"):
        answers |= {f"level-{case.id}": str(int(case.level)), f"step-{case.id}": case.right}
    return answers


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_is_whole(language: Language) -> None:
    cases = scenarios.scenarios(language)
    assert len(cases) >= 10
    assert {case.level for case in cases} == set(RiskLevel)
    for case in cases:
        assert len(case.steps) >= 3
        assert case.text
        assert case.why
        assert len({text for _, text in case.steps}) == len(case.steps)


def test_all_right_passes_and_opens_the_desk(browser: Browser, make_person: Callable[..., User]) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import Credential

    erin = make_person("erin", role="counsellor", ready=False)
    day = timezone.now()
    Credential.objects.create(
        user=erin, title="x", issuer="y", valid_from=day.date(), valid_until=day.date() + timedelta(1), verified_at=day
    )
    client = browser(erin)
    assert client.get("/admin/safety/riskflag/").status_code == 302
    assert client.get("/desk/scenarios/").status_code == 200
    assert "Passed" in client.post("/desk/scenarios/", right()).content.decode()
    assert client.get("/admin/safety/riskflag/").status_code == 200
    assert ScenarioResult.objects.get().score == 20


def test_one_danger_called_too_low_fails(carol: User) -> None:
    result, marked = scenarios.record_attempt(
        user=carol, answers=right() | {"level-imminent": str(int(RiskLevel.MODERATE))}, language="en"
    )
    assert (result.score, result.has_passed) == (19, False)
    assert [row.scenario.id for row in marked if row.is_missed] == ["imminent"]


def test_too_few_right_fails_and_rubbish_is_wrong(carol: User) -> None:
    answers = dict.fromkeys(right(), "rubbish-🦔") | {"other": "x" * 5000}
    result, _ = scenarios.record_attempt(user=carol, answers=answers, language="zh")
    assert (result.score, result.has_passed) == (0, False)
    assert "other" not in result.answers


def test_nobody_else_takes_it(alice: User, browser: Browser) -> None:
    with pytest.raises(ApplicationError, match="forbidden"):
        scenarios.record_attempt(user=alice, answers={}, language="en")
    assert browser(alice).get("/desk/scenarios/").status_code == 404
    assert browser(None).get("/desk/scenarios/").status_code == 401
