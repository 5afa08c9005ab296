"""An alert is sent by exactly one sweep, again later while mail is down, and never holds a word."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise
from therapy.oncall import chain, post
from therapy.oncall.models import AlertStep
from therapy.safety import delivery, services
from therapy.safety.models import Alert, RiskFlag


def refuse_mail(settings: Any) -> None:
    """A real SMTP client that finds nobody listening."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def test_mail_holds_ids_level_and_kind_only(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT)
    assert delivery.sweep() == 1
    (message,) = mail.outbox
    flag = RiskFlag.objects.get()
    assert message.subject == "[Attune] imminent alert"
    assert f"/admin/safety/riskflag/{flag.pk}/change/" in message.body
    assert "kind: plan" in message.body
    assert CANARY not in message.message().as_string()
    assert "alice" not in message.message().as_string()


def test_counsellors_with_an_address_get_their_own_mail(raise_risk: Raise, carol: User, dan: User) -> None:
    User.objects.filter(pk=carol.pk).update(email="carol@example.org")
    raise_risk(RiskLevel.HIGH)
    delivery.sweep()
    assert sorted(message.to[0] for message in mail.outbox) == ["carol@example.org", "on-call@localhost"]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_once(raise_risk: Raise) -> None:
    for level in (RiskLevel.HIGH, RiskLevel.IMMINENT):
        raise_risk(level)
    barrier = threading.Barrier(4)
    sent: list[int] = []

    def run() -> None:
        barrier.wait()
        sent.append(delivery.sweep())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 2
    assert len(mail.outbox) == 2
    assert set(Alert.objects.values_list("status", flat=True)) == {"sent"}
    assert set(AlertStep.objects.filter(channel="email").values_list("outcome", "attempts")) == {("sent", 1)}


def test_mail_down_is_tried_again_later_then_sent(raise_risk: Raise, settings: Any) -> None:
    raise_risk(RiskLevel.HIGH)
    working = settings.EMAIL_BACKEND
    refuse_mail(settings)
    now = timezone.now()
    assert delivery.sweep(now=now) == 0
    alert, step = Alert.objects.get(), AlertStep.objects.get(channel="email")
    assert (alert.status, alert.last_error) == ("pending", "ConnectionRefusedError")
    assert (step.outcome, step.attempts, step.error) == ("pending", 1, "ConnectionRefusedError")
    assert step.next_attempt_at == now + post.FIRST_BACKOFF
    settings.EMAIL_BACKEND = working
    assert delivery.sweep(now=now + timedelta(seconds=1)) == 0
    assert delivery.sweep(now=now + post.FIRST_BACKOFF) == 1
    alert.refresh_from_db()
    step.refresh_from_db()
    assert (alert.status, alert.last_error) == ("sent", "")
    assert (step.outcome, step.attempts, step.error) == ("sent", 2, "")


def test_waits_double_up_to_a_limit() -> None:
    waits = [post.backoff(attempt).total_seconds() for attempt in (1, 2, 3, 20, 30000)]
    assert waits == [5, 10, 20, 300, 300]


def test_a_day_without_mail_ends_in_failed(raise_risk: Raise, settings: Any) -> None:
    raise_risk(RiskLevel.HIGH)
    refuse_mail(settings)
    now = timezone.now()
    delivery.sweep(now=now)
    delivery.sweep(now=now + timedelta(hours=25))
    assert AlertStep.objects.filter(channel="email", at=now).get().outcome == AlertStep.Outcome.FAILED
    assert Alert.objects.get().status == Alert.Status.FAILED


def test_nobody_to_send_to_is_not_sent(raise_risk: Raise, settings: Any) -> None:
    raise_risk(RiskLevel.HIGH)
    settings.ALERT_EMAILS = []
    assert delivery.sweep() == 0
    assert Alert.objects.get().last_error == "no_recipients"


def test_a_lost_worker_leaves_the_alert_due_after_the_lease(raise_risk: Raise) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    now = timezone.now()
    chain.move(alert_id, now)
    step = AlertStep.objects.get(channel="email")
    assert post.claim(step.pk, now)
    assert post.claim(step.pk, now) is None
    assert post.claim(step.pk, now + post.LEASE)


def test_taken_or_closed_alerts_are_not_mailed(raise_risk: Raise, carol: User) -> None:
    high, imminent = raise_risk(RiskLevel.HIGH), raise_risk(RiskLevel.IMMINENT)
    services.acknowledge_alert(alert_id=high.alert_ids[0], user=carol)
    assert imminent.flag_id
    services.close_flags(flag_ids=[imminent.flag_id])
    assert delivery.sweep() == 0


def test_most_severe_goes_first(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    raise_risk(RiskLevel.IMMINENT)
    delivery.sweep()
    assert [message.subject for message in mail.outbox] == ["[Attune] imminent alert", "[Attune] high alert"]


def test_task_delivers_by_id(raise_risk: Raise) -> None:
    from therapy.safety import tasks

    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    tasks.deliver_alert(str(alert_id))
    assert Alert.objects.get().status == Alert.Status.SENT


def test_command_once_sends_what_is_due(raise_risk: Raise, capsys: pytest.CaptureFixture[str]) -> None:
    raise_risk(RiskLevel.HIGH)
    call_command("deliver_alerts", "--once")
    assert capsys.readouterr().out.strip() == "sent 1"
