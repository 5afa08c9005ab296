"""The chain of an alert with a clock of our own: who is reached when, what stops it, what starts it again."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.oncall.conftest import Raise, Rota, mailed_to
from therapy.oncall import services as oncall
from therapy.oncall.models import AlertStep, Policy, PolicyStep, Shift, Target
from therapy.safety import delivery, services
from therapy.safety.models import Alert, Level, RiskFlag

What = AlertStep.What
MINUTE = timedelta(minutes=1)


@pytest.fixture
def minute_steps(db: None) -> None:
    """The chain of the show: the second after one minute, the supervisor after two."""
    policy = Policy.objects.create(level=Level.IMMINENT, reescalate_after=900)
    for minutes, target in enumerate((Target.FIRST, Target.SECOND, Target.SUPERVISOR)):
        PolicyStep.objects.create(policy=policy, delay=60 * minutes, target=target)


def history() -> list[str]:
    return list(AlertStep.objects.exclude(what=What.NOTIFY).order_by("at", "pk").values_list("what", flat=True))


@pytest.mark.usefixtures("on_duty", "minute_steps")
def test_nobody_clicks_so_the_second_gets_it_and_then_the_supervisor(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT)
    began = timezone.now()
    for minutes, expected in [(0, ["carol"]), (0.9, []), (1, ["dan"]), (1.5, []), (2, ["grace"]), (5, [])]:
        delivery.sweep(now=began + minutes * MINUTE)
        assert mailed_to() == expected, f"at minute {minutes}"
    steps = AlertStep.objects.filter(channel="email").exclude(user=None).order_by("at")
    assert [(step.user.username, step.target, step.outcome) for step in steps if step.user] == [
        ("carol", "first", "sent"),
        ("dan", "second", "sent"),
        ("grace", "supervisor", "sent"),
    ]
    assert [step.at for step in steps] == [began, began + MINUTE, began + 2 * MINUTE]


@pytest.mark.usefixtures("minute_steps")
def test_taking_it_stops_the_chain(raise_risk: Raise, on_duty: dict[str, User]) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    began = timezone.now()
    delivery.sweep(now=began)
    assert services.acknowledge_alert(alert_id=alert_id, user=on_duty["carol"], now=began + MINUTE / 2)
    mail.outbox.clear()
    delivery.sweep(now=began + 3 * MINUTE)
    assert mailed_to() == []
    assert history() == [What.RAISED, What.ACKNOWLEDGED]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("minute_steps")
def test_two_people_at_once_are_one_owner(raise_risk: Raise, on_duty: dict[str, User]) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    delivery.sweep()
    barrier = threading.Barrier(2)
    won: list[tuple[str, bool]] = []

    def take(user: User) -> None:
        barrier.wait()
        won.append((user.username, services.acknowledge_alert(alert_id=alert_id, user=user)))
        connections.close_all()

    threads = [threading.Thread(target=take, args=(on_duty[name],)) for name in ("carol", "dan")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (owner,) = [name for name, has_it in won if has_it]
    alert = Alert.objects.select_related("acknowledged_by").get()
    assert alert.acknowledged_by
    assert alert.acknowledged_by.username == owner
    (line,) = AlertStep.objects.filter(what=What.ACKNOWLEDGED).select_related("user")
    assert line.user
    assert line.user.username == owner


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("minute_steps", "on_duty")
def test_many_sweeps_at_once_take_each_step_once(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT)
    began = timezone.now()
    for minutes in range(3):
        barrier = threading.Barrier(4)

        def run(now: datetime = began + minutes * MINUTE, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            delivery.sweep(now=now)
            connections.close_all()

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        delivery.sweep(now=began + minutes * MINUTE)
    assert mailed_to() == ["carol", "dan", "grace"]


@pytest.mark.usefixtures("minute_steps")
def test_taken_without_a_decision_is_open_again(raise_risk: Raise, on_duty: dict[str, User]) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    began = timezone.now()
    delivery.sweep(now=began)
    services.acknowledge_alert(alert_id=alert_id, user=on_duty["dan"], now=began)
    mail.outbox.clear()
    delivery.sweep(now=began + 14 * MINUTE)
    assert mailed_to() == []
    delivery.sweep(now=began + 15 * MINUTE)
    assert mailed_to() == ["carol", "dan"], "the first on call, and the one who had it"
    assert Alert.objects.get().acknowledged_at is None
    delivery.sweep(now=began + 16 * MINUTE)
    assert mailed_to() == ["dan"]
    assert history() == [What.RAISED, What.ACKNOWLEDGED, What.REOPENED]


@pytest.mark.usefixtures("minute_steps")
def test_a_decision_ends_everything(raise_risk: Raise, on_duty: dict[str, User]) -> None:
    screened = raise_risk(RiskLevel.IMMINENT)
    began = timezone.now()
    delivery.sweep(now=began)
    services.acknowledge_alert(alert_id=screened.alert_ids[0], user=on_duty["dan"], now=began)
    services.close_flags(flag_ids=list(RiskFlag.objects.values_list("pk", flat=True)))
    mail.outbox.clear()
    delivery.sweep(now=began + timedelta(hours=3))
    assert mailed_to() == []
    assert history() == [What.RAISED, What.ACKNOWLEDGED, What.RESOLVED]


def test_without_a_rota_everyone_is_reached_at_once(raise_risk: Raise, staff: dict[str, User]) -> None:
    raise_risk(RiskLevel.HIGH)
    delivery.sweep()
    assert mailed_to() == ["carol", "dan", "grace"]


def test_nobody_on_call_reaches_supervisors_off_duty(raise_risk: Raise, on_duty: dict[str, User]) -> None:
    Shift.objects.filter(responder__user__in=[on_duty["dan"], on_duty["grace"]]).delete()
    oncall.go_offline(user=on_duty["carol"])
    raise_risk(RiskLevel.HIGH)
    began = timezone.now()
    delivery.sweep(now=began)
    assert mailed_to() == ["grace"]
    told = AlertStep.objects.filter(what=What.NOBODY).values_list("target", flat=True)
    assert sorted(told) == ["first", "second"]
    delivery.sweep(now=began + 10 * MINUTE)
    assert mailed_to() == ["carol", "dan", "grace"]


def test_an_empty_line_gives_its_time_to_the_next(raise_risk: Raise, staff: dict[str, User], put_on: Rota) -> None:
    put_on(staff["dan"], line=Shift.Line.SECOND)
    raise_risk(RiskLevel.IMMINENT)
    began = timezone.now()
    delivery.sweep(now=began)
    assert mailed_to() == ["dan"]
    delivery.sweep(now=began + MINUTE)
    assert mailed_to() == ["grace"]


def test_a_request_waits_for_the_next_shift(raise_risk: Raise, staff: dict[str, User], put_on: Rota) -> None:
    screened = raise_risk(RiskLevel.MODERATE, "request_human")
    flag = RiskFlag.objects.get(pk=screened.flag_id)
    Alert.objects.create(flag=flag, session=flag.session, level=2, kind=flag.kind, next_attempt_at=timezone.now())
    began = timezone.now()
    delivery.sweep(now=began)
    delivery.sweep(now=began + 5 * MINUTE)
    assert [message.to for message in mail.outbox] == [["on-call@localhost"]], "the mailbox once, nobody is woken"
    assert AlertStep.objects.filter(what=What.NOBODY).count() == 1
    mail.outbox.clear()
    put_on(staff["carol"])
    delivery.sweep(now=began + 10 * MINUTE)
    assert mailed_to() == ["carol"]


def test_nobody_comes_so_it_begins_again_with_longer_waits(raise_risk: Raise, staff: dict[str, User]) -> None:
    raise_risk(RiskLevel.HIGH)
    began = timezone.now()
    delivery.sweep(now=began)
    ends = began + timedelta(hours=30)
    now, repeats = began, []
    while now < ends:
        now += 5 * MINUTE
        delivery.sweep(now=now)
        if AlertStep.objects.filter(what=What.REPEATED).count() > len(repeats):
            repeats.append(int((now - began).total_seconds() // 60))
    assert repeats[:4] == [15, 45, 105, 225]
    assert len(repeats) < 9
    assert now - began > timedelta(hours=24)


def test_danger_said_again_later_begins_a_new_round(raise_risk: Raise, on_duty: dict[str, User]) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    delivery.sweep()
    services.acknowledge_alert(alert_id=alert_id, user=on_duty["dan"])
    old = timezone.now() - 2 * services.REARM_AFTER
    Alert.objects.update(created_at=old, sent_at=old)
    mail.outbox.clear()
    raise_risk(RiskLevel.HIGH)
    delivery.sweep()
    assert mailed_to() == ["carol"]
    assert history()[-1] == What.RAISED_AGAIN


def test_danger_said_again_reaches_somebody_where_the_alert_was_taken_before_it_was_sent(
    raise_risk: Raise, on_duty: dict[str, User]
) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    services.acknowledge_alert(alert_id=alert_id, user=on_duty["dan"])
    delivery.sweep()
    assert mailed_to() == []
    assert raise_risk(RiskLevel.HIGH).alert_ids == (), "he has just taken it"
    old = timezone.now() - 2 * services.REARM_AFTER
    Alert.objects.update(created_at=old, next_attempt_at=old)
    assert raise_risk(RiskLevel.HIGH).alert_ids == (alert_id,)
    assert raise_risk(RiskLevel.HIGH).alert_ids == (), "once an hour"
    delivery.sweep()
    assert mailed_to() == ["carol"]
    assert Alert.objects.get().acknowledged_at is None


def test_danger_said_again_reaches_somebody_where_nobody_could_be_reached_for_a_day(
    raise_risk: Raise, staff: dict[str, User], settings: Any
) -> None:
    settings.ALERT_EMAILS = []
    User.objects.update(email="")
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    began = timezone.now()
    for hours in range(0, 60, 4):
        delivery.sweep(now=began + timedelta(hours=hours))
    assert (Alert.objects.get().status, Alert.objects.get().chain.next_at) == (Alert.Status.PENDING, None)
    User.objects.filter(pk=staff["carol"].pk).update(email="carol@example.org")
    old = began - 2 * services.REARM_AFTER
    Alert.objects.update(created_at=old, next_attempt_at=old)
    assert raise_risk(RiskLevel.HIGH).alert_ids == (alert_id,)
    delivery.sweep()
    assert mailed_to() == ["carol"]


def test_an_alert_from_before_the_chain_gets_one(raise_risk: Raise, on_duty: dict[str, User]) -> None:
    raise_risk(RiskLevel.HIGH)
    Alert.objects.update(status=Alert.Status.SENT, attempts=1)
    delivery.sweep()
    assert mailed_to() == ["carol"]
