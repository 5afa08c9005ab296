"""Sending the outbox: lines are claimed by a conditional UPDATE, sent beside each other, and tried again later.

Each channel has threads of its own: a mail server that hangs holds up mail and nothing else. The threads only talk to
the outside; the database is used by the caller alone.
"""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from therapy.core.errors import TransportError
from therapy.core.metrics import ALERT_DELIVERIES
from therapy.oncall.chain import GIVE_UP_AFTER
from therapy.oncall.channels.base import Channel, Notice, notice_of
from therapy.oncall.channels.ways import CHANNELS
from therapy.oncall.models import AlertStep
from therapy.safety.models import Alert

logger = logging.getLogger(__name__)

FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=5)
# Longer than a mail server may take to answer, so that a second process does not send in parallel.
LEASE = timedelta(seconds=60)
THREADS = 4
# Claimed at once of one channel: what waits for a thread must not outwait its lease.
MOST_AT_ONCE = 16

Outcome = AlertStep.Outcome


@dataclass(frozen=True, slots=True)
class Sending:
    """One claimed line on its way; the attempt tells whether it still is ours when it comes back."""

    step: AlertStep
    now: datetime
    result: Future[None]


_lock = threading.Lock()
_pools: dict[tuple[int, str], ThreadPoolExecutor] = {}
# What was still on its way when patience ended: written down by whoever looks next in this process.
_late: list[Sending] = []


def send_due(now: datetime, *, limit: int, patience: float | None = None, alert_id: UUID | None = None) -> int:
    """Send what is due, of one alert or of all; returns how many messages arrived (and were written down) now."""
    sent = sum(_record(sending) for sending in _come_back())
    going = [sending for name in CHANNELS for sending in _begin(name, now, limit, alert_id)]
    wait([sending.result for sending in going], timeout=patience)
    for sending in going:
        if sending.result.done():
            sent += _record(sending)
        else:
            with _lock:
                _late.append(sending)
    return sent


def claim(step_id: int, now: datetime) -> AlertStep | None:
    """Take a due line for this process: exactly one caller gets it. A lost claim is due again after the lease."""
    due = AlertStep.objects.filter(pk=step_id, outcome=Outcome.PENDING, next_attempt_at__lte=now)
    if due.update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE) != 1:
        return None
    AlertStep.objects.filter(pk=step_id, first_attempt_at__isnull=True).update(first_attempt_at=timezone.now())
    return AlertStep.objects.select_related("alert__session", "user").get(pk=step_id)


def backoff(attempts: int) -> timedelta:
    """Wait after the n-th failed attempt: doubling, capped."""
    doublings = min(max(attempts, 1) - 1, 10)
    return min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)


def _begin(channel: str, now: datetime, limit: int, alert_id: UUID | None) -> list[Sending]:
    due = AlertStep.objects.filter(channel=channel, outcome=Outcome.PENDING, next_attempt_at__lte=now)
    if alert_id is not None:
        due = due.filter(alert_id=alert_id)
    # Receivers hear that an alert was taken before they hear that it was closed. A new alarm waits for nothing.
    earlier = AlertStep.objects.filter(
        alert=OuterRef("alert"), channel=channel, address=OuterRef("address"), outcome=Outcome.PENDING
    )
    due = due.filter(Q(event="raised") | ~Exists(earlier.filter(pk__lt=OuterRef("pk"))))
    with _lock:
        room = MOST_AT_ONCE - sum(sending.step.channel == channel for sending in _late)
    ids = list(due.order_by("-alert__level", "at").values_list("pk", flat=True)[: max(0, min(limit, room))])
    claimed = [step for step_id in ids if (step := claim(step_id, now)) is not None]
    return [Sending(step, now, _submit(CHANNELS[channel], step)) for step in claimed]


def _submit(channel: Channel, step: AlertStep) -> Future[None]:
    try:
        address = channel.address(step)
    except TransportError as error:
        failed: Future[None] = Future()
        failed.set_exception(error)
        return failed
    return _pool(channel.name).submit(_send, channel, notice_of(step), address)


def _send(channel: Channel, notice: Notice, address: object) -> None:
    channel.send(notice, address)


def _pool(channel: str) -> ThreadPoolExecutor:
    """Threads of a channel in this process; a forked child makes its own."""
    with _lock:
        key = (os.getpid(), channel)
        if key not in _pools:
            _pools[key] = ThreadPoolExecutor(THREADS, thread_name_prefix=f"alert-{channel}")
        return _pools[key]


def _come_back() -> list[Sending]:
    with _lock:
        done = [sending for sending in _late if sending.result.done()]
        _late[:] = [sending for sending in _late if sending not in done]
    return done


def _record(sending: Sending) -> bool:
    error = sending.result.exception()
    if error is not None:
        # Also what no channel should raise: one that is broken must not hold up the others.
        known = error if isinstance(error, TransportError) else TransportError(type(error).__name__)
        _postpone(sending, known)
        return False
    step = sending.step
    _mine(step).update(outcome=Outcome.SENT, done_at=timezone.now(), next_attempt_at=None, error="")
    if step.event == "raised":
        Alert.objects.filter(pk=step.alert_id).update(status=Alert.Status.SENT, sent_at=timezone.now(), last_error="")
    ALERT_DELIVERIES.labels("sent").inc()
    logger.info("alert %s sent by %s at attempt %s", step.alert_id, step.channel, step.attempts)
    return True


def _postpone(sending: Sending, error: TransportError) -> None:
    step, now = sending.step, sending.now
    gave_up = error.permanent or now - step.at > GIVE_UP_AFTER
    _mine(step).update(
        outcome=Outcome.FAILED if gave_up else Outcome.PENDING,
        next_attempt_at=None if gave_up else now + backoff(step.attempts),
        error=error.code[:60],
    )
    waiting = Alert.objects.filter(pk=step.alert_id, status=Alert.Status.PENDING)
    waiting.update(last_error=error.code[:60])
    if gave_up and not AlertStep.objects.filter(alert_id=step.alert_id, outcome=Outcome.PENDING).exists():
        waiting.update(status=Alert.Status.FAILED)
    if error.permanent:
        CHANNELS[step.channel].forget(step)
    ALERT_DELIVERIES.labels("failed" if gave_up else "postponed").inc()
    logger.warning("alert %s not sent by %s at attempt %s: %s", step.alert_id, step.channel, step.attempts, error.code)


def _mine(step: AlertStep) -> QuerySet[AlertStep]:
    return AlertStep.objects.filter(pk=step.pk, attempts=step.attempts, outcome=Outcome.PENDING)
