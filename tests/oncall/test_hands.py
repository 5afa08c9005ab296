"""What people do with an alert besides taking it: give it on, call everyone, keep it while they write."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Credential, User
from ml.types import RiskLevel
from tests.oncall.conftest import Raise, mailed_to
from therapy.core.errors import ApplicationError
from therapy.oncall import services
from therapy.oncall.models import AlertStep
from therapy.safety import delivery
from therapy.safety import services as safety
from therapy.safety.models import Alert

What = AlertStep.What
MINUTE = timedelta(minutes=1)


@pytest.fixture
def taken(raise_risk: Raise, on_duty: dict[str, User]) -> Alert:
    """An imminent alert that Carol has."""
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    delivery.sweep()
    safety.acknowledge_alert(alert_id=alert_id, user=on_duty["carol"])
    mail.outbox.clear()
    return Alert.objects.get()


def test_given_on_and_taken_by_the_colleague(taken: Alert, on_duty: dict[str, User]) -> None:
    now = timezone.now()
    services.hand_over(alert_id=taken.pk, user=on_duty["carol"], to=on_duty["grace"], now=now)
    delivery.sweep(now=now)
    assert mailed_to() == ["grace"]
    assert safety.acknowledge_alert(alert_id=taken.pk, user=on_duty["grace"], now=now + MINUTE / 2)
    delivery.sweep(now=now + 10 * MINUTE)
    assert mailed_to() == []
    lines = AlertStep.objects.exclude(what=What.NOTIFY).select_related("user")
    assert [(line.what, line.user.username if line.user else "") for line in lines] == [
        (What.RAISED, ""),
        (What.ACKNOWLEDGED, "carol"),
        (What.HANDED_OVER, "carol"),
        (What.OFFERED, "grace"),
        (What.ACKNOWLEDGED, "grace"),
    ]


def test_given_on_but_not_taken_goes_on_to_the_second(taken: Alert, on_duty: dict[str, User]) -> None:
    now = timezone.now()
    services.hand_over(alert_id=taken.pk, user=on_duty["carol"], to=on_duty["grace"], now=now)
    delivery.sweep(now=now)
    mail.outbox.clear()
    delivery.sweep(now=now + MINUTE)
    assert mailed_to() == ["dan"]


def test_only_the_owner_gives_it_on_and_only_to_somebody_certified(taken: Alert, on_duty: dict[str, User]) -> None:
    with pytest.raises(ApplicationError):
        services.hand_over(alert_id=taken.pk, user=on_duty["dan"], to=on_duty["grace"])
    Credential.objects.filter(user=on_duty["grace"]).delete()
    with pytest.raises(ApplicationError):
        services.hand_over(alert_id=taken.pk, user=on_duty["carol"], to=on_duty["grace"])
    assert Alert.objects.get().acknowledged_by == on_duty["carol"]


def test_everyone_is_called_by_hand(taken: Alert, on_duty: dict[str, User]) -> None:
    services.escalate(alert_id=taken.pk, user=on_duty["carol"])
    delivery.sweep()
    assert mailed_to() == ["dan", "grace"]
    assert Alert.objects.get().acknowledged_by == on_duty["carol"]


def test_no_reminder_while_its_owner_writes(taken: Alert, on_duty: dict[str, User]) -> None:
    now = timezone.now()
    services.extend_alerts(session_id=taken.session_id, user=on_duty["carol"], now=now + 10 * MINUTE)
    services.extend_alerts(session_id=taken.session_id, user=on_duty["dan"], now=now + 12 * MINUTE)
    delivery.sweep(now=now + 20 * MINUTE)
    assert Alert.objects.get().acknowledged_by == on_duty["carol"]
    delivery.sweep(now=now + 26 * MINUTE)
    assert Alert.objects.get().acknowledged_by is None


def test_nothing_can_be_done_with_a_closed_one(taken: Alert, on_duty: dict[str, User]) -> None:
    safety.close_flags(flag_ids=[taken.flag_id])
    with pytest.raises(ApplicationError):
        services.escalate(alert_id=taken.pk, user=on_duty["carol"])
