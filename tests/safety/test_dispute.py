"""The person says "that's not what I meant": review stays, one step down at most, never somebody else's flag."""

from __future__ import annotations

import pytest

from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import Raise
from therapy.core.errors import ApplicationError
from therapy.safety import services
from therapy.safety.models import Alert, PersonRisk, RiskFlag


def test_flag_stays_in_review_and_alert_stays_open(raise_risk: Raise, alice: User) -> None:
    screened = raise_risk(RiskLevel.HIGH)
    assert screened.flag_id
    flag = services.dispute_flag(person_id=alice.pk, flag_id=screened.flag_id)
    assert flag.disputed_at is not None
    assert RiskFlag.objects.get().state == RiskFlag.State.OPEN
    assert Alert.objects.get().resolved_at is None


def test_state_goes_down_one_step_at_most_however_often_it_is_said(raise_risk: Raise, alice: User) -> None:
    screened = raise_risk(RiskLevel.IMMINENT)
    assert screened.flag_id
    for _ in range(3):
        services.dispute_flag(person_id=alice.pk, flag_id=screened.flag_id)
    assert PersonRisk.objects.get(person=alice).level >= RiskLevel.HIGH


def test_flag_of_another_person_does_not_exist(raise_risk: Raise, bob: User) -> None:
    screened = raise_risk(RiskLevel.HIGH)
    assert screened.flag_id
    with pytest.raises(ApplicationError, match="not_found"):
        services.dispute_flag(person_id=bob.pk, flag_id=screened.flag_id)
    assert RiskFlag.objects.get().disputed_at is None


def test_two_counsellors_one_owner(raise_risk: Raise, carol: User, dan: User) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    assert services.acknowledge_alert(alert_id=alert_id, user=carol)
    assert not services.acknowledge_alert(alert_id=alert_id, user=dan)
    assert Alert.objects.get().acknowledged_by == carol


def test_client_cannot_take_an_alert(raise_risk: Raise, alice: User) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    with pytest.raises(ApplicationError, match="forbidden"):
        services.acknowledge_alert(alert_id=alert_id, user=alice)
