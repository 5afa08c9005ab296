"""Writing the lines of an alert's history; some of them are the outbox of a channel at the same time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.models import User
from therapy.oncall.channels import ways
from therapy.oncall.models import AlertStep, Chain
from therapy.safety.models import Alert

NOTIFY = AlertStep.What.NOTIFY
PENDING = AlertStep.Outcome.PENDING


def line(
    alert: Alert, what: str, now: datetime, *, round_: int = 0, user: User | None = None, target: str = ""
) -> None:
    """One line about what happened."""
    AlertStep.objects.create(alert=alert, at=now, what=what, round=round_, user=user, target=target)


def line_once(alert: Alert, what: str, now: datetime, *, round_: int, target: str) -> bool:
    """One line about a state that is looked at again and again; false where it stands there already."""
    _, is_new = AlertStep.objects.get_or_create(
        alert=alert, what=what, round=round_, target=target, defaults={"at": now}
    )
    return is_new


def tell_person(alert: Alert, chain: Chain, user: User, now: datetime, target: str = "") -> bool:
    """Messages to somebody on every way that leads to them. False, and written down, where there is none."""
    found = list(ways.to_person(user))
    for channel, address in found:
        _owe(alert, now, channel, address, round_=chain.round, target=target, user=user)
    if not found:
        AlertStep.objects.create(
            alert=alert,
            at=now,
            what=NOTIFY,
            event="raised",
            round=chain.round,
            target=target,
            user=user,
            outcome=AlertStep.Outcome.FAILED,
            error="no_way",
        )
    return bool(found)


def tell_deployment(alert: Alert, chain: Chain, now: datetime, *, event: str = "raised") -> bool:
    """Messages to mailboxes and receivers of the deployment; false where none is configured."""
    found = list(ways.to_deployment(event=event))
    for channel, address in found:
        _owe(alert, now, channel, address, round_=chain.round, event=event)
    return bool(found)


def show_on_screens(alert: Alert, chain: Chain, now: datetime) -> None:
    """The desk asks for open alerts by itself, so this is no outbox: the line says from when it could be seen."""
    AlertStep.objects.create(
        alert=alert,
        at=now,
        what=NOTIFY,
        event="raised",
        round=chain.round,
        channel="screen",
        outcome=AlertStep.Outcome.SENT,
        first_attempt_at=now,
        done_at=now,
    )


def drop_pending(alert_id: UUID) -> None:
    """Messages that nobody needs any more: somebody has the alert, or it is closed."""
    AlertStep.objects.filter(alert_id=alert_id, outcome=PENDING, event="raised").update(
        outcome=AlertStep.Outcome.DROPPED, next_attempt_at=None
    )


def _owe(
    alert: Alert,
    now: datetime,
    channel: str,
    address: str,
    *,
    round_: int,
    event: str = "raised",
    target: str = "",
    user: User | None = None,
) -> None:
    AlertStep.objects.create(
        alert=alert,
        at=now,
        what=NOTIFY,
        event=event,
        round=round_,
        target=target,
        user=user,
        channel=channel,
        address=address,
        outcome=PENDING,
        next_attempt_at=now,
    )
