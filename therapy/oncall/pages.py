"""What the pages of this room show, gathered for their templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from therapy.oncall import rota, selectors, targets
from therapy.oncall.access import may_plan
from therapy.oncall.channels import push
from therapy.oncall.models import AlertStep, OpeningHours, PushSubscription, Responder, Shift, Target
from therapy.oncall.policy import plan_for
from therapy.safety.models import Alert, Level

CHANNELS = {
    "email": _("e-mail"),
    "webhook": _("webhook"),
    "push": _("browser"),
    "screen": pgettext_lazy("channel", "screens of the desk"),
}


@dataclass(frozen=True, slots=True)
class LineNow:
    """One line of the rota and who is on it now."""

    name: str
    users: list[User]


@dataclass(frozen=True, slots=True)
class ChainShown:
    """The chain of one level in words."""

    level: str
    steps: list[tuple[str, str]]
    reopens: str
    waits: bool


def home(user: User, now: datetime) -> dict[str, Any]:
    """The page of somebody on call: their own state first, then who else is there."""
    mine = Responder.objects.filter(user=user).prefetch_related("shifts").first()
    zone = rota.zone_of(mine.time_zone if mine else "UTC")
    away = mine.away_until.astimezone(zone) if mine and mine.away_until and mine.away_until > now else None
    found = selectors.availability(now=now)
    return {
        "title": _("On call"),
        "mine": mine,
        "zone": zone.key,
        "away_until": away,
        "is_on": user in selectors.on_call(now=now),
        "may_take": user in targets.everyone(now),
        "lines": [LineNow(str(line.label), selectors.on_call(line=line, now=now)) for line in Shift.Line],
        "availability": found,
        "wait_minutes": int(found.expected_wait.total_seconds() // 60) if found.expected_wait else 0,
        "next_opening": found.next_opening.astimezone(zone) if found.next_opening else None,
        "rota": Responder.objects.select_related("user").prefetch_related("shifts").order_by("user__username"),
        "hours": OpeningHours.objects.all(),
        "chains": [_chain(level) for level in (Level.IMMINENT, Level.HIGH, Level.MODERATE)],
        "push_key": push.public_key() if user.is_counselling_staff else "",
        "browsers": PushSubscription.objects.filter(user=user).count(),
        "may_plan": may_plan(user),
    }


def _chain(level: Level) -> ChainShown:
    plan = plan_for(level)
    steps = [(short(step.delay), str(Target(step.target).label)) for step in plan.steps]
    return ChainShown(
        str(level.label), steps, short(plan.reescalate_after) if plan.reescalate_after else "", plan.waits_for_duty
    )


def short(span: timedelta) -> str:
    """A time in seconds or minutes, whichever is whole."""
    seconds = int(span.total_seconds())
    if not seconds:
        return str(_("at once"))
    if seconds % 60:
        return str(_("%(count)d s")) % {"count": seconds}
    return str(_("%(count)d min")) % {"count": seconds // 60}


def alert(alert_id: UUID, user: User, now: datetime) -> dict[str, Any] | None:
    """One alert and everything that happened to it; no words of the person. None where there is none."""
    row = Alert.objects.select_related("flag", "acknowledged_by").filter(pk=alert_id).first()
    if row is None:
        return None
    steps = AlertStep.objects.filter(alert=row).select_related("user")
    is_mine = row.acknowledged_by_id == user.pk and row.resolved_at is None
    return {
        "title": _("Alert"),
        "alert": row,
        "level": Level(row.level),
        "steps": [(step, CHANNELS.get(step.channel, ""), step.at - row.created_at, _about(step)) for step in steps],
        "chain": getattr(row, "chain", None),
        "is_mine": is_mine,
        "may_act": user.is_counselling_staff and row.resolved_at is None,
        "colleagues": [one for one in targets.everyone(now) if one != user] if is_mine else [],
    }


def _about(step: AlertStep) -> str:
    """What a message tells; nothing where it is the alert itself."""
    is_plain = step.event in ("", AlertStep.What.RAISED)
    return "" if is_plain else str(AlertStep.What(step.event).label)
