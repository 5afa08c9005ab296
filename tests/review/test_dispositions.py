"""Without a whole decision a flag stays open; what is whole depends on what was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.review.test_review import DECISION
from tests.review.test_transcript import QUEUE, open_with
from tests.safety.conftest import Raise
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.review import services
from therapy.review.dispositions import Disposition, problems
from therapy.review.models import Assignment, FollowUp, Review, SecondLook
from therapy.safety.models import Alert, RiskFlag

TODAY = timezone.now().date()
WHOLE = Disposition(
    outcome="true_alarm",
    action="contacted",
    level_given=3,
    desire="yes",
    plan="no",
    means="unknown",
    timeframe="no",
    contact="by_phone",
    follow_up_on=TODAY + timedelta(days=2),
)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "answered"}, "outcome"),
        ({"action": "prayed"}, "action"),
        ({"contact": ""}, "contact"),
        ({"contact": "not_needed"}, "contact"),
        ({"level_given": None}, "level_given"),
        ({"level_given": 9}, "level_given"),
        ({"plan": ""}, "plan"),
        ({"follow_up_on": None}, "follow_up_on"),
        ({"follow_up_on": TODAY - timedelta(days=1)}, "follow_up_on"),
        ({"lower_risk": True}, "note"),
        ({"lower_risk": True, "note": " ok "}, "note"),
        ({"outcome": "false_alarm", "level_given": 0}, "false_reason"),
        ({"outcome": "false_alarm", "false_reason": "idiom"}, "level_given"),
        ({"outcome": "false_alarm", "level_given": 0, "false_reason": "other"}, "note"),
        ({"outcome": "unclear", "level_given": 2, "follow_up_on": None}, "follow_up_on"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, object], field: str) -> None:
    assert field in problems(replace(WHOLE, **change), kind="plan", today=TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"contact": "not_reached"},
        {"outcome": "false_alarm", "level_given": 0, "false_reason": "idiom", "desire": "", "follow_up_on": None},
        {"outcome": "true_alarm", "level_given": 2, "follow_up_on": None, "contact": "not_needed"},
        {"lower_risk": True, "note": "safe at the clinic"},
    ],
)
def test_whole_decisions_pass(change: dict[str, object]) -> None:
    assert problems(replace(WHOLE, **change), kind="plan", today=TODAY) == {}  # type: ignore[arg-type]


def test_a_request_needs_no_risk_assessment() -> None:
    answered = Disposition(outcome="answered", action="contacted", contact="in_chat")
    assert problems(answered, kind="request_human", today=TODAY) == {}


def test_the_service_refuses_as_the_form_does(raise_risk: Raise, carol: User) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    assert flag_id
    with pytest.raises(ApplicationError, match="incomplete"):
        services.review_flag(user=carol, flag_id=flag_id, disposition=replace(WHOLE, outcome=""))
    assert RiskFlag.objects.get().state == RiskFlag.State.OPEN
    assert Alert.objects.get().resolved_at is None


def test_ten_sessions_in_order_and_none_closes_without_a_decision(desk: Client, raise_risk: Raise, alice: User) -> None:
    levels = [RiskLevel.MODERATE, RiskLevel.IMMINENT, RiskLevel.HIGH, RiskLevel.MODERATE, RiskLevel.HIGH] * 2
    made = [
        (raise_risk(level, within=ChatSession.objects.create(person=alice, language="en")).flag_id, level)
        for level in levels
    ]
    shown = [line.split("/change/")[0] for line in desk.get(QUEUE).content.decode().split(f"{QUEUE}")[1:]]
    order = list(dict.fromkeys(line for line in shown if len(line) == 36))
    by_risk = sorted(made, key=lambda pair: -pair[1])
    assert order == [str(flag_id) for flag_id, _level in by_risk]
    for flag_id, _level in made:
        page = desk.post(open_with(desk, flag_id), {"outcome": "true_alarm"})
        assert page.status_code == 200
        assert "desk-error" in page.content.decode()
    assert RiskFlag.objects.filter(state="open").count() == 10


def test_a_decision_keeps_what_was_assessed_and_arranges(desk: Client, raise_risk: Raise, carol: User) -> None:
    desk.post(open_with(desk, raise_risk(RiskLevel.HIGH).flag_id), DECISION | {"keep_case": "on"})
    review = Review.objects.get()
    assert (review.level_given, review.plan, review.means, review.contact) == (3, "yes", "unknown", "by_phone")
    task = FollowUp.objects.get()
    assert (task.assignee, str(task.due_on)) == (carol, DECISION["follow_up_on"])
    assert Assignment.objects.get().counsellor == carol


@pytest.mark.parametrize(
    ("flagged", "given", "looked_at_twice"),
    [(RiskLevel.HIGH, "3", True), (RiskLevel.MODERATE, "2", False), (RiskLevel.MODERATE, "4", True)],
)
def test_high_risk_waits_for_a_second_look(
    desk: Client, raise_risk: Raise, flagged: RiskLevel, given: str, looked_at_twice: bool
) -> None:
    desk.post(open_with(desk, raise_risk(flagged).flag_id), DECISION | {"level_given": given})
    assert SecondLook.objects.exists() is looked_at_twice
