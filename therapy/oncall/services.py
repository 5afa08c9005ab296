"""Writes of the on-call room: being away, and what people do with an alert besides taking it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ml.types import RiskLevel
from therapy.core import live
from therapy.core.errors import ApplicationError
from therapy.oncall import chain, history, rota, selectors, targets
from therapy.oncall.channels import push
from therapy.oncall.models import AlertStep, Chain, PushSubscription, Responder
from therapy.safety import delivery
from therapy.safety.models import Alert
from therapy.safety.services import DESK

# Nobody stays off the rota by forgetting to come back.
LONGEST_AWAY = timedelta(hours=24)


@transaction.atomic
def go_offline(*, user: User, now: datetime | None = None) -> datetime:
    """Leave the rota at once, until the shift that runs now ends (at most a day); returns until when.

    Raises:
        ApplicationError: not_on_call, where this account is not on the rota.
    """
    moment = now or timezone.now()
    responder = _responder(user)
    running = rota.running([selectors.stretch_of(shift) for shift in responder.shifts.all()], moment)
    until = max((span.ends for span in running), default=moment + LONGEST_AWAY)
    responder.away_until = min(until, moment + LONGEST_AWAY)
    responder.save(update_fields=["away_until"])
    return responder.away_until


@transaction.atomic
def come_back(*, user: User) -> None:
    """On call again at once, as the rota says.

    Raises:
        ApplicationError: not_on_call, where this account is not on the rota.
    """
    responder = _responder(user)
    responder.away_until = None
    responder.save(update_fields=["away_until"])


def _responder(user: User) -> Responder:
    found = Responder.objects.select_for_update().filter(user=user).first()
    if found is None:
        raise ApplicationError("not_on_call", _("You are not on the rota."))
    return found


@transaction.atomic
def hand_over(*, alert_id: UUID, user: User, to: User, now: datetime | None = None) -> None:
    """The one who has an alert gives it to a colleague. Until they take it nobody has it, and the timers run.

    Raises:
        ApplicationError: not_yours, or the colleague may not be on call.
    """
    moment = now or timezone.now()
    alert = _mine(alert_id, user)
    if to == user or to not in targets.everyone(moment):
        raise ApplicationError("not_allowed", _("This colleague cannot take alerts now."))
    _let_go(alert)
    delivery.note(alert.pk, AlertStep.What.HANDED_OVER, user=user, now=moment)
    chain.offer(alert, to, moment)
    live.publish_on_commit(DESK, "alert", alert=str(alert.pk), level=int(alert.level))


@transaction.atomic
def escalate(*, alert_id: UUID, user: User, now: datetime | None = None) -> None:
    """Call everyone at once: somebody with the alert in front of them needs help now.

    Raises:
        ApplicationError: forbidden, or the alert is closed.
    """
    moment = now or timezone.now()
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can take an alert."))
    alert = _open(alert_id)
    history.line(alert, AlertStep.What.ESCALATED, moment, round_=chain.round_of(alert), user=user)
    chain.call_everyone(alert, moment, without=user)
    live.publish_on_commit(DESK, "alert", alert=str(alert.pk), level=int(alert.level))


@transaction.atomic
def extend_alerts(*, session_id: UUID, user: User, now: datetime | None = None) -> None:
    """The one who has the alerts of a conversation is writing in it: no reminder meanwhile."""
    mine = Alert.objects.filter(session_id=session_id, acknowledged_by=user, resolved_at__isnull=True)
    for alert in mine.select_for_update():
        chain.extend(alert, user, now or timezone.now())


def reopen_alerts(*, session_id: UUID, user: User, now: datetime) -> None:
    """The one who has the alerts of a conversation is lost: dangerous ones are open to all again with the next look."""
    mine = Alert.objects.filter(session_id=session_id, acknowledged_by=user, resolved_at__isnull=True)
    Chain.objects.filter(alert__in=mine.filter(level__gte=RiskLevel.HIGH)).update(next_at=now)


def _open(alert_id: UUID) -> Alert:
    alert = (
        Alert.objects.select_for_update(of=("self",))
        .select_related("session")
        .filter(pk=alert_id, resolved_at__isnull=True)
        .first()
    )
    if alert is None:
        raise ApplicationError("closed", _("This alert is closed."))
    return alert


def _mine(alert_id: UUID, user: User) -> Alert:
    alert = _open(alert_id)
    if alert.acknowledged_by_id != user.pk:
        raise ApplicationError("not_yours", _("Somebody else has this alert."))
    return alert


def _let_go(alert: Alert) -> None:
    Alert.objects.filter(pk=alert.pk).update(acknowledged_at=None, acknowledged_by=None)
    alert.acknowledged_at = alert.acknowledged_by = None


@transaction.atomic
def sign_up_browser(*, user: User, endpoint: str, p256dh: str, auth: str) -> None:
    """Remember a browser that wants to be woken; the oldest of too many goes. It belongs to who signed it up last.

    Raises:
        ApplicationError: the address is not one of a push service, or the keys are not keys.
    """
    if not push.is_known_service(endpoint) or not push.are_keys(p256dh, auth):
        raise ApplicationError("bad_subscription", _("This browser's push service is not known here."))
    PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={"user": user, "p256dh": p256dh, "auth": auth, "created_at": timezone.now()},
    )
    push.drop_older(PushSubscription.objects.filter(user=user))


def sign_off_browser(*, user: User, endpoint: str) -> None:
    """Forget a browser."""
    PushSubscription.objects.filter(user=user, endpoint=endpoint).delete()
