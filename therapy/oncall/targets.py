"""Whom a step reaches: people by line of the rota, and the addresses of the deployment."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Role, User
from accounts.selectors import may_be_on_call, staff_on_alert
from therapy.oncall import selectors
from therapy.oncall.models import Responder, Shift, Target

_LINES = {Target.FIRST: Shift.Line.FIRST, Target.SECOND: Shift.Line.SECOND, Target.SUPERVISOR: Shift.Line.SUPERVISOR}


def people(target: str, *, language: str, now: datetime, may_wake: bool) -> list[User]:
    """The people of a target. `may_wake`: supervisors are reached off their shifts, too, where none is on call."""
    if target == Target.EVERYONE:
        return everyone(now)
    line = _LINES[Target(target)]
    speaking = selectors.on_call(line=line, language=language, now=now, only_speaking=True)
    found = speaking or selectors.on_call(line=line, now=now)
    # Without any rota there is no duty to be off: such an installation goes on to everyone at once.
    if found or target != Target.SUPERVISOR or not may_wake or not Shift.objects.exists():
        return found
    away = set(Responder.objects.filter(away_until__gt=now).values_list("user_id", flat=True))
    return [user for user in certified(now) if user.role == Role.SUPERVISOR and user.pk not in away]


def everyone(now: datetime) -> list[User]:
    """All who may be on call, on duty or not; where nobody is certified, all counselling staff.

    An alert that reaches somebody without a certificate is better than one that reaches nobody.
    """
    return certified(now) or staff_on_alert()


def certified(now: datetime) -> list[User]:
    """Counselling staff who may be on call."""
    return [user for user in staff_on_alert() if may_be_on_call(user, now)]
