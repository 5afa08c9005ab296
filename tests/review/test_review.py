"""A decision closes flag and alerts, seals its note, and alone may let a person's level go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.review.test_transcript import QUEUE, open_with
from tests.safety.conftest import CANARY, Raise
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.review import holder, services
from therapy.review.models import Review
from therapy.safety import selectors as safety
from therapy.safety.models import Alert, PersonRisk, RiskFlag, RiskLowered

IN_TWO_DAYS = (timezone.now() + timedelta(days=2)).date()
DECISION = {
    "outcome": "true_alarm",
    "level_given": "3",
    "desire": "yes",
    "plan": "yes",
    "means": "unknown",
    "timeframe": "no",
    "action": "contacted",
    "contact": "by_phone",
    "follow_up_on": str(IN_TWO_DAYS),
    "note": CANARY,
}


def test_decision_closes_flag_and_alerts(desk: Client, raise_risk: Raise, carol: User) -> None:
    flag_id = raise_risk(RiskLevel.IMMINENT).flag_id
    response = desk.post(open_with(desk, flag_id), DECISION)
    assert response.headers["Location"] == QUEUE
    review = Review.objects.get()
    assert (review.reviewer, review.outcome, review.action) == (carol, "true_alarm", "contacted")
    assert RiskFlag.objects.get().state == RiskFlag.State.REVIEWED
    assert Alert.objects.get().resolved_at is not None


def test_decision_needs_an_outcome(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    response = desk.post(open_with(desk, flag_id), {"outcome": "", "action": "none"})
    assert response.status_code == 200
    assert not Review.objects.exists()
    assert RiskFlag.objects.get().state == RiskFlag.State.OPEN


def test_decision_needs_an_opened_conversation(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    desk.post(f"{QUEUE}{flag_id}/read/{flag_id}/", DECISION)
    assert not Review.objects.exists()


def test_note_is_sealed_and_comes_with_the_persons_copy(
    desk: Client, raise_risk: Raise, alice: User, bob: User
) -> None:
    desk.post(open_with(desk, raise_risk(RiskLevel.HIGH).flag_id), DECISION)
    assert CANARY.encode() not in bytes(Review.objects.get().note_sealed)
    assert holder.export(alice.pk)["reviews"][0]["note"] == CANARY
    assert holder.export(bob.pk) == {"reviews": [], "notes": [], "tags": [], "tasks": [], "supervision": []}


@pytest.mark.parametrize(("whole", "left_open"), [("on", 0), ("", 1)])
def test_other_flags_of_the_session_close_only_if_said_so(
    desk: Client, raise_risk: Raise, whole: str, left_open: int
) -> None:
    first = raise_risk(RiskLevel.HIGH).flag_id
    raise_risk(RiskLevel.MODERATE)
    desk.post(open_with(desk, first), DECISION | ({"whole_session": whole} if whole else {}))
    assert RiskFlag.objects.filter(state="open").count() == left_open


def test_an_alert_goes_on_for_a_later_flag_that_is_still_open(desk: Client, raise_risk: Raise, carol: User) -> None:
    first = raise_risk(RiskLevel.HIGH).flag_id
    desk.post(f"{QUEUE}{first}/take/")
    second = raise_risk(RiskLevel.HIGH).flag_id
    desk.post(open_with(desk, first), DECISION)
    alert = Alert.objects.get()
    assert (alert.flag_id, alert.resolved_at) == (second, None)
    # Taken for the first one, before the second was written: the desk hears of it anew.
    assert (alert.acknowledged_at, alert.status) == (None, Alert.Status.PENDING)
    desk.post(open_with(desk, second), DECISION)
    assert Alert.objects.get().resolved_at is not None


@pytest.mark.parametrize(("lower", "level"), [("on", RiskLevel.NONE), ("", RiskLevel.HIGH)])
def test_only_the_counsellors_word_lets_the_level_go(
    desk: Client, raise_risk: Raise, alice: User, carol: User, lower: str, level: RiskLevel
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    desk.post(open_with(desk, flag_id), DECISION | ({"lower_risk": lower} if lower else {}))
    assert safety.effective_level(alice.pk) == level
    lowered = RiskLowered.objects.filter(person=alice, by=carol, from_level=RiskLevel.HIGH, to_level=RiskLevel.NONE)
    assert lowered.count() == (1 if lower else 0)


def test_the_level_stays_while_danger_elsewhere_waits_for_a_decision(
    desk: Client, raise_risk: Raise, alice: User
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    raise_risk(RiskLevel.HIGH, within=ChatSession.objects.create(person=alice, language="en"))
    address = open_with(desk, flag_id)
    page = desk.post(address, DECISION | {"lower_risk": "on"})
    assert "There are open alerts of this person. Decide about them first." in page.content.decode()
    assert RiskFlag.objects.get(pk=flag_id).state == RiskFlag.State.OPEN
    assert desk.post(address, DECISION).status_code == 302
    assert safety.effective_level(alice.pk) == RiskLevel.HIGH


def test_a_level_that_has_faded_needs_no_lowering(desk: Client, raise_risk: Raise, alice: User) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    PersonRisk.objects.update(level=RiskLevel.NONE, high_at=None)
    assert desk.post(open_with(desk, flag_id), DECISION | {"lower_risk": "on"}).status_code == 302
    assert not RiskLowered.objects.exists()


def test_services_refuse_those_who_are_not_counsellors(
    raise_risk: Raise, alice: User, make_person: Callable[..., User]
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    assert flag_id
    for user in (alice, make_person("oscar", role="operator")):
        with pytest.raises(ApplicationError, match="forbidden"):
            services.open_transcript(user=user, flag_id=flag_id, reason="because I can")


def test_taking_an_alert_from_the_flag_page(desk: Client, raise_risk: Raise, carol: User) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    desk.post(f"{QUEUE}{flag_id}/take/")
    assert Alert.objects.get().acknowledged_by == carol


def test_erasure_takes_flags_alerts_and_reviews(desk: Client, raise_risk: Raise, alice: User) -> None:
    from accounts.rights import erase_person, export_person

    desk.post(open_with(desk, raise_risk(RiskLevel.HIGH).flag_id), DECISION)
    assert export_person(alice.pk)["safety"]["noticed"][0]["level"] == "high"
    erase_person(person_id=alice.pk)
    assert (RiskFlag.objects.count(), Alert.objects.count(), Review.objects.count()) == (0, 0, 0)
