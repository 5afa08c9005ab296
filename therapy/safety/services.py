"""Writes of the safety spine: what a screened message raises, and what people decide about it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.models import User
from ml.types import Evidence, RiskAssessment, RiskLevel
from therapy.core import live
from therapy.core.errors import ApplicationError
from therapy.core.metrics import ALERTS
from therapy.safety import delivery, drills, followers, person_risk, tasks
from therapy.safety.models import REQUEST_KINDS, Alert, RiskFlag

logger = logging.getLogger(__name__)

DESK = "desk"
# An open alert of the same level that was raised longer ago than this is sent again when danger is said again.
REARM_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Screened:
    """What a message raised. `level` is the message's own; `effective` also counts the person's state."""

    level: RiskLevel
    effective: RiskLevel
    kind: str
    flag_id: UUID | None = None
    alert_ids: tuple[UUID, ...] = ()


@transaction.atomic
def record_screening(*, person_id: UUID, session_id: UUID, message_id: UUID, assessment: RiskAssessment) -> Screened:
    """Write state, flag and alert of one message. Call inside the transaction that writes the message (CR-09).

    After commit it tries to wake the queue and the desk; both may be away, the sweep and the desk's polling remain.
    """
    effective = max(assessment.level, person_risk.advance(person_id, assessment.level))
    if assessment.level < RiskLevel.MODERATE:
        return Screened(assessment.level, effective, assessment.kind)
    flag = RiskFlag.objects.create(
        person_id=person_id,
        session_id=session_id,
        message_id=message_id,
        level=assessment.level,
        kind=assessment.kind,
        evidence=[asdict(item) | {"level": int(item.level)} for item in assessment.evidence],
        scores={name: round(float(score), 4) for name, score in assessment.scores.items()},
        detector=assessment.version[:60],
    )
    alert = _follow_up(flag)
    return Screened(assessment.level, effective, assessment.kind, flag.pk, (alert.pk,) if alert else ())


def _follow_up(flag: RiskFlag) -> Alert | None:
    """What a flag sets going: an alert and whoever follows up on danger from high on, and a notice to the desk."""
    alert = None
    if flag.level >= RiskLevel.HIGH:
        alert = _raise_alert(flag)
        followers.tell(flag)
    live.publish_on_commit(DESK, "flag", flag=str(flag.pk), level=int(flag.level))
    return alert


@transaction.atomic
def raise_from_answers(
    *, person_id: UUID, session_id: UUID, message_id: UUID, source: str, level: RiskLevel, kind: str
) -> Screened:
    """Raise what an answer to a question asks for, for example `source="phq9.9"` (CR-14): never less than was found.

    `message_id` is the message of the conversation that speaks of it; a flag it already has is raised, not doubled.
    A message of the person is raised with it: the reply to come is weighed on the message's own level.
    """
    live.publish_on_commit(live.session_group(session_id), "card")
    found = Evidence("rule", f"answers.{source}", level, 0, 0)
    flag = RiskFlag.objects.select_for_update().filter(message_id=message_id).first()
    if flag is None:
        assessment = RiskAssessment(level, kind, "en", "answers", evidence=(found,))
        screened = record_screening(
            person_id=person_id, session_id=session_id, message_id=message_id, assessment=assessment
        )
        if screened.flag_id:
            _raise_message(RiskFlag.objects.get(pk=screened.flag_id))
        return screened
    effective = person_risk.advance(person_id, level)
    alert = None
    if flag.level < level:
        flag.level, flag.kind = int(level), kind
        flag.evidence = [*flag.evidence, asdict(found) | {"level": int(level)}]
        flag.save(update_fields=["level", "kind", "evidence"])
        alert = _follow_up(flag)
    _raise_message(flag)
    return Screened(RiskLevel(flag.level), effective, flag.kind, flag.pk, (alert.pk,) if alert else ())


def _raise_message(flag: RiskFlag) -> None:
    """Let the person's message be as severe as its flag; never less than it was. Questions of ours stay as they are."""
    message = flag.message
    if message.role == message.Role.USER and message.risk_level < flag.level:
        message.risk_level, message.risk_kind = flag.level, flag.kind
        message.save(update_fields=["risk_level", "risk_kind"])


def _raise_alert(flag: RiskFlag) -> Alert | None:
    """One open alert per session and level (the database's constraint); a higher level always gets its own."""
    now = timezone.now()
    # Locked: a decision that closes this alert at the same moment is waited for, and a new one is raised after it.
    alert, is_new = (
        Alert.objects.exclude(kind__in=REQUEST_KINDS)
        .select_for_update()
        .get_or_create(
            session_id=flag.session_id,
            level=flag.level,
            resolved_at=None,
            defaults={"flag": flag, "kind": flag.kind, "next_attempt_at": now},
        )
    )
    if not is_new and not _rearm(alert, flag):
        return None
    transaction.on_commit(lambda: _announce(alert))
    return alert


@transaction.atomic
def raise_request(*, person_id: UUID, session_id: UUID, message_id: UUID, kind: str) -> Alert:
    """What a person asked for (`REQUEST_KINDS`) as a flag and an alert: one open per session and kind.

    `message_id` is the notice that says so in the conversation. The level is moderate: above it only danger stands.
    It raises no card and does not touch the person's state.
    """
    existing = Alert.objects.filter(session_id=session_id, kind=kind, resolved_at=None).first()
    if existing is not None:
        return existing
    flag = RiskFlag.objects.create(
        person_id=person_id,
        session_id=session_id,
        message_id=message_id,
        level=RiskLevel.MODERATE,
        kind=kind,
        detector="request",
    )
    alert = Alert.objects.create(
        flag=flag, session_id=session_id, level=flag.level, kind=kind, next_attempt_at=timezone.now()
    )
    live.publish_on_commit(DESK, "flag", flag=str(flag.pk), level=int(flag.level))
    transaction.on_commit(lambda: _announce(alert))
    return alert


def _announce(alert: Alert) -> None:
    """After commit: count it, wake the queue and the desk. Nothing here may fail the message."""
    if alert.flag.person_id == drills.PERSON_ID:
        return
    ALERTS.labels(RiskLevel(alert.level).label).inc()
    enqueue_delivery([alert.pk])
    live.publish(DESK, "alert", alert=str(alert.pk), level=int(alert.level))


def _rearm(alert: Alert, flag: RiskFlag) -> bool:
    """Send an old open alert again, now for the newer flag, and ask for a new acknowledgement.

    One that was never sent, too: taken at the desk before its first message left, or given up with nobody to reach.
    """
    now = timezone.now()
    old = now - REARM_AFTER
    return bool(
        Alert.objects.filter(pk=alert.pk, created_at__lt=old)
        .exclude(sent_at__gte=old)
        .exclude(status=Alert.Status.PENDING, next_attempt_at__gte=old)
        .update(
            flag=flag,
            kind=flag.kind,
            status=Alert.Status.PENDING,
            attempts=0,
            next_attempt_at=now,
            acknowledged_at=None,
            acknowledged_by=None,
        )
    )


def enqueue_delivery(alert_ids: Iterable[UUID]) -> None:
    """Wake the queue. A dead broker loses nothing: the rows are due, and the sweep sends them."""
    for alert_id in alert_ids:
        try:
            tasks.deliver_alert.delay(str(alert_id))
        except (OperationalError, RedisError, OSError) as error:
            logger.warning("alert %s not queued (%s): left to the sweep", alert_id, type(error).__name__)


@transaction.atomic
def dispute_flag(*, person_id: UUID, flag_id: UUID) -> RiskFlag:
    """The person says "that's not what I meant" (CR-16): the card collapses, review stays, one step down at most.

    Raises:
        ApplicationError: no such flag of this person.
    """
    flag = RiskFlag.objects.select_for_update().filter(pk=flag_id, person_id=person_id).first()
    if flag is None:
        raise ApplicationError("not_found", _("This notice is no longer here."))
    if flag.disputed_at is None:
        flag.disputed_at = timezone.now()
        flag.save(update_fields=["disputed_at"])
        person_risk.lower_one_step(person_id)
        live.publish_on_commit(DESK, "disputed", flag=str(flag.pk))
    return flag


@transaction.atomic
def acknowledge_alert(*, alert_id: UUID, user: User, now: datetime | None = None) -> bool:
    """A counsellor says "I have it". True for the one who was first; false if somebody already had.

    Raises:
        ApplicationError: the account may not take alerts.
    """
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can take an alert."))
    moment = now or timezone.now()
    taken = Alert.objects.filter(pk=alert_id, acknowledged_at__isnull=True, resolved_at__isnull=True).update(
        acknowledged_at=moment, acknowledged_by=user
    )
    if taken:
        delivery.note(alert_id, "acknowledged", user=user, now=moment)
        live.publish_on_commit(DESK, "acknowledged", alert=str(alert_id))
    return bool(taken)


def lock_flags(*, flag_ids: Iterable[UUID]) -> None:
    """Hold these flags until the end of the transaction; always before the person's state and before alerts."""
    list(RiskFlag.objects.select_for_update().filter(pk__in=list(flag_ids)).order_by("pk").values_list("pk"))


def close_flags(*, flag_ids: Iterable[UUID]) -> int:
    """Mark flags as reviewed and resolve their alerts; returns how many were open. Call in the review's transaction."""
    ids = list(flag_ids)
    closed = RiskFlag.objects.filter(pk__in=ids, state=RiskFlag.State.OPEN).update(state=RiskFlag.State.REVIEWED)
    for flag_id in ids:
        resolve_alerts_of(flag_id)
    return closed


@transaction.atomic
def resolve_alerts_of(flag_id: UUID) -> int:
    """Resolve the open alerts of one flag; returns how many there were.

    An alert may stand for a later flag of the same session and level, too: while that one is open, it goes on for it.
    """
    resolved = 0
    for alert in Alert.objects.select_for_update().filter(flag_id=flag_id, resolved_at__isnull=True):
        still_open = RiskFlag.objects.filter(
            session_id=alert.session_id, level=alert.level, state=RiskFlag.State.OPEN
        ).exclude(pk=flag_id)
        is_request = alert.kind in REQUEST_KINDS
        other = None if is_request else still_open.exclude(kind__in=REQUEST_KINDS).order_by("-created_at").first()
        if other:
            _hand_on(alert, other)
        else:
            resolved += Alert.objects.filter(pk=alert.pk).update(resolved_at=timezone.now())
            delivery.note(alert.pk, "resolved")
    if resolved:
        live.publish_on_commit(DESK, "resolved", flag=str(flag_id))
    return resolved


def _hand_on(alert: Alert, flag: RiskFlag) -> None:
    """Let an alert stand for another flag; who took it before that flag was raised has not taken this one."""
    changes: dict[str, Any] = {"flag": flag, "kind": flag.kind}
    if alert.acknowledged_at is not None and alert.acknowledged_at < flag.created_at:
        changes |= {
            "status": Alert.Status.PENDING,
            "attempts": 0,
            "next_attempt_at": timezone.now(),
            "acknowledged_at": None,
            "acknowledged_by": None,
        }
    Alert.objects.filter(pk=alert.pk).update(**changes)
