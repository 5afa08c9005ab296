"""Channels: ids only, signed, the same key at every attempt; one that fails or hangs never stops another."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.oncall.conftest import CANARY, Raise, Receiver
from therapy.oncall import chain, post
from therapy.oncall.channels import webhook
from therapy.oncall.models import AlertStep
from therapy.safety import delivery, services
from therapy.safety.models import Alert, RiskFlag

Outcome = AlertStep.Outcome


def outcomes(channel: str) -> list[str]:
    return list(AlertStep.objects.filter(channel=channel).order_by("pk").values_list("outcome", flat=True))


def test_a_webhook_gets_ids_level_and_kind_signed(raise_risk: Raise, receiver: Receiver) -> None:
    raise_risk(RiskLevel.IMMINENT)
    delivery.sweep()
    (body,), (headers,), (raw,) = receiver.bodies, receiver.headers, receiver.raw
    alert = Alert.objects.get()
    assert body["event"] == "alert.raised"
    assert (body["level"], body["kind"], body["drill"]) == ("imminent", "plan", False)
    assert (body["alert"], body["flag"]) == (str(alert.pk), str(alert.flag_id))
    assert CANARY.encode() not in raw
    assert b"alice" not in raw
    sent, _, signed = headers["X-Attune-Signature"].removeprefix("t=").partition(",v1=")
    assert signed == webhook.signature("of this test", sent, raw)
    assert headers["Idempotency-Key"] == body["id"]


def test_a_webhook_that_says_500_is_tried_again_with_the_same_key(raise_risk: Raise, receiver: Receiver) -> None:
    receiver.status = 500
    raise_risk(RiskLevel.IMMINENT)
    now = timezone.now()
    assert delivery.sweep(now=now) == 1, "the mail went out all the same"
    step = AlertStep.objects.get(channel="webhook")
    assert (step.outcome, step.error) == (Outcome.PENDING, "http_500")
    receiver.status = 200
    delivery.sweep(now=now + post.FIRST_BACKOFF)
    assert outcomes("webhook") == [Outcome.SENT]
    assert len({headers["Idempotency-Key"] for headers in receiver.headers}) == 1
    assert len(receiver.raw) == 2


def test_a_webhook_hears_of_the_end_too(raise_risk: Raise, receiver: Receiver, carol: User) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    delivery.sweep()
    services.acknowledge_alert(alert_id=alert_id, user=carol)
    delivery.sweep()
    services.close_flags(flag_ids=list(RiskFlag.objects.values_list("pk", flat=True)))
    delivery.sweep()
    assert [body["event"] for body in receiver.bodies] == ["alert.raised", "alert.acknowledged", "alert.resolved"]


def test_a_webhook_hears_of_taking_before_closing_even_when_taking_is_tried_again(
    raise_risk: Raise, receiver: Receiver, carol: User
) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    now = timezone.now()
    delivery.sweep(now=now)
    services.acknowledge_alert(alert_id=alert_id, user=carol)
    services.close_flags(flag_ids=list(RiskFlag.objects.values_list("pk", flat=True)))
    receiver.status = 500
    delivery.sweep(now=now + timedelta(seconds=60))
    receiver.status = 200
    for seconds in (62, 68, 70):
        delivery.sweep(now=now + timedelta(seconds=seconds))
    assert [body["event"].partition(".")[2] for body in receiver.bodies] == [
        "raised", "acknowledged", "acknowledged", "resolved",
    ]  # fmt: skip


def test_shapes_of_pagerduty_and_slack(raise_risk: Raise, receiver: Receiver, settings: Any, carol: User) -> None:
    settings.ALERT_WEBHOOKS = [f"pagerduty+{receiver.url}#routing", f"slack+{receiver.url}"]
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    delivery.sweep()
    services.acknowledge_alert(alert_id=alert_id, user=carol)
    delivery.sweep()
    pager = [body for body in receiver.bodies if "routing_key" in body]
    assert [body["event_action"] for body in pager] == ["trigger", "acknowledge"]
    assert {body["dedup_key"] for body in pager} == {f"attune-{alert_id}"}
    assert (pager[0]["routing_key"], pager[0]["payload"]["severity"]) == ("routing", "critical")
    slack = [body for body in receiver.bodies if "text" in body]
    assert [body["text"] for body in slack] == [
        "[Attune] imminent alert (plan)",
        "[Attune] imminent alert taken (plan)",
    ]
    assert "s3cret" not in "".join(AlertStep.objects.values_list("address", flat=True))


def test_a_redirect_is_not_followed(raise_risk: Raise, receiver: Receiver) -> None:
    receiver.status = 302
    raise_risk(RiskLevel.HIGH)
    delivery.sweep()
    assert AlertStep.objects.get(channel="webhook").error == "http_302"
    assert len(receiver.raw) == 1


@pytest.mark.parametrize("entry", ["https://example.org", "other+https://example.org", "slack+http://example.org"])
def test_an_address_that_is_not_safe_is_refused(entry: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        webhook.endpoint(entry)


def test_mail_down_does_not_hold_up_the_webhook_and_comes_later_once(
    raise_risk: Raise, receiver: Receiver, settings: Any
) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    raise_risk(RiskLevel.HIGH)
    now = timezone.now()
    delivery.sweep(now=now)
    assert (outcomes("email"), outcomes("webhook")) == ([Outcome.PENDING], [Outcome.SENT])
    settings.EMAIL_BACKEND = working
    for minutes in range(1, 4):
        delivery.sweep(now=now + timedelta(minutes=minutes))
    assert outcomes("email") == [Outcome.SENT]
    assert len(mail.outbox) == 1


@pytest.fixture
def mute_mail_server(settings: Any) -> Iterator[None]:
    """A mail server that takes the call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 6
        yield


@pytest.mark.usefixtures("mute_mail_server")
def test_mail_that_hangs_holds_up_neither_timers_nor_the_webhook(raise_risk: Raise, receiver: Receiver) -> None:
    raise_risk(RiskLevel.HIGH)
    began = time.monotonic()
    delivery.sweep(patience=1.5)
    assert time.monotonic() - began < 5, "it did not wait for the mail server"
    assert (outcomes("email"), outcomes("webhook")) == ([Outcome.PENDING], [Outcome.SENT])
    raise_risk(RiskLevel.IMMINENT)
    delivery.sweep(patience=1.5)
    assert len(receiver.raw) == 2
    late = AlertStep.objects.filter(channel="email").exclude(error="")
    until = time.monotonic() + 30
    while late.count() < 2 and time.monotonic() < until:
        time.sleep(0.2)
        delivery.sweep(patience=0.1)
    assert late.count() == 2, "written down when it came back"


def test_killed_between_commit_and_publish(raise_risk: Raise, queued: list[object]) -> None:
    """The transaction of the message is all there is: nothing was queued, no process knows. The sweep finds it."""
    raise_risk(RiskLevel.IMMINENT)
    assert queued == []
    delivery.sweep()
    assert len(mail.outbox) == 1
    assert outcomes("email") == [Outcome.SENT]


def test_killed_after_the_step_was_written_and_before_it_was_sent(raise_risk: Raise) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    now = timezone.now()
    chain.move(alert_id, now)
    assert post.claim(AlertStep.objects.get(channel="email").pk, now)
    delivery.sweep(now=now + timedelta(seconds=30))
    assert len(mail.outbox) == 0, "still leased to the one that died"
    delivery.sweep(now=now + post.LEASE)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_everything_breaks_and_comes_back_in_one_acknowledged_chain(
    raise_risk: Raise, receiver: Receiver, settings: Any, carol: User, dan: User
) -> None:
    """SMTP down, webhook 500s, Redis gone. When the paths are back: one message on each, and one owner."""
    working, redis_url = settings.EMAIL_BACKEND, settings.CELERY_BROKER_URL
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    receiver.status = 500
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    now = timezone.now()
    for seconds in range(0, 60, 5):
        delivery.sweep(now=now + timedelta(seconds=seconds))
    assert Alert.objects.get().status == Alert.Status.PENDING
    settings.EMAIL_BACKEND, settings.CELERY_BROKER_URL = working, redis_url
    receiver.status = 200
    received = len(receiver.raw)
    for seconds in range(60, 180, 5):
        delivery.sweep(now=now + timedelta(seconds=seconds))
    assert Alert.objects.get().status == Alert.Status.SENT
    assert len(mail.outbox) == 1
    assert len(receiver.raw) == received + 1
    taken: list[bool] = []

    def take(user: User) -> None:
        taken.append(services.acknowledge_alert(alert_id=alert_id, user=user))
        connections.close_all()

    threads = [threading.Thread(target=take, args=(user,)) for user in (carol, dan)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False, True]
    assert AlertStep.objects.filter(what=AlertStep.What.ACKNOWLEDGED).count() == 1
