"""Writes of the on-call room: being away, and what people do with an alert besides taking it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.oncall import rota, selectors
from therapy.oncall.models import Responder

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
