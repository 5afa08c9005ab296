"""Sending alerts: claim one by a conditional UPDATE, mail it, or try again later. Ids, level and kind only (CR-10).

The same steps serve the queue, the beat and the loop that needs no queue; an alert is sent by whoever claims it.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.selectors import staff_on_alert
from therapy.core.errors import TransportError
from therapy.core.metrics import ALERT_DELIVERIES
from therapy.safety.models import Alert, Level

logger = logging.getLogger(__name__)

FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=5)
# Longer than a mail server may take to answer, so that a second worker does not send in parallel.
LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)


def deliver(alert_id: UUID, *, now: datetime | None = None) -> bool:
    """Claim and send one alert. False where it was not due, is somebody else's, or could not be sent now."""
    alert = claim(alert_id, now or timezone.now())
    if alert is None:
        return False
    try:
        send(alert)
    except TransportError as error:
        _postpone(alert, error, now or timezone.now())
        return False
    _mine(alert).update(status=Alert.Status.SENT, sent_at=timezone.now(), last_error="")
    ALERT_DELIVERIES.labels("sent").inc()
    logger.info("alert %s sent at attempt %s", alert.pk, alert.attempts)
    return True


def claim(alert_id: UUID, now: datetime) -> Alert | None:
    """Take a due alert for this process: exactly one caller gets it. A lost claim is due again after the lease."""
    taken = Alert.objects.filter(
        pk=alert_id,
        status=Alert.Status.PENDING,
        next_attempt_at__lte=now,
        acknowledged_at__isnull=True,
        resolved_at__isnull=True,
    ).update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
    return Alert.objects.get(pk=alert_id) if taken == 1 else None


def sweep(*, now: datetime | None = None, limit: int = 50) -> int:
    """Deliver what is due, the most severe and oldest first; needs Postgres and the mail server, nothing else."""
    moment = now or timezone.now()
    due = Alert.objects.filter(
        status=Alert.Status.PENDING,
        next_attempt_at__lte=moment,
        acknowledged_at__isnull=True,
        resolved_at__isnull=True,
    ).order_by("-level", "created_at")
    return sum(deliver(alert_id, now=moment) for alert_id in list(due.values_list("pk", flat=True)[:limit]))


def backoff(attempts: int) -> timedelta:
    """Wait after the n-th failed attempt: doubling, capped."""
    doublings = min(max(attempts, 1) - 1, 10)
    return min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)


def recipients() -> list[str]:
    """Addresses of the deployment and of active counselling staff, each once."""
    staff = [user.email for user in staff_on_alert() if user.email]
    return list(dict.fromkeys([*settings.ALERT_EMAILS, *staff]))


def send(alert: Alert) -> None:
    """Mail one alert to everyone on the list, each in a message of their own.

    Raises:
        TransportError: nobody to send to, or the mail server did not take it.
    """
    addresses = recipients()
    if not addresses:
        raise TransportError("no_recipients")
    try:
        connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
        connection.send_messages(_messages(alert, addresses))
    except (smtplib.SMTPException, OSError) as error:
        raise TransportError(type(error).__name__) from error


def _messages(alert: Alert, addresses: Sequence[str]) -> list[EmailMessage]:
    level = Level(alert.level).name.lower()
    link = settings.PUBLIC_URL.rstrip("/") + reverse("admin:safety_riskflag_change", args=[alert.flag_id])
    body = (
        f"level: {level}\nkind: {alert.kind}\nflag: {alert.flag_id}\nalert: {alert.pk}\n"
        f"raised: {alert.created_at:%Y-%m-%d %H:%M:%S} UTC\n\n{link}\n"
    )
    return [EmailMessage(subject=f"[Attune] {level} alert", body=body, to=[address]) for address in addresses]


def _postpone(alert: Alert, error: TransportError, now: datetime) -> None:
    gave_up = error.permanent or now - alert.created_at > GIVE_UP_AFTER
    _mine(alert).update(
        status=Alert.Status.FAILED if gave_up else Alert.Status.PENDING,
        next_attempt_at=now + backoff(alert.attempts),
        last_error=error.code[:60],
    )
    ALERT_DELIVERIES.labels("failed" if gave_up else "postponed").inc()
    logger.warning("alert %s not sent at attempt %s: %s", alert.pk, alert.attempts, error.code)


def _mine(alert: Alert) -> QuerySet[Alert]:
    return Alert.objects.filter(pk=alert.pk, attempts=alert.attempts)
