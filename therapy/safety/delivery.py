"""The door through which alerts leave. The on-call room stands behind it and registers itself when apps are loaded.

Whoever raises, takes or closes an alert calls here, so that this room need not know the one above it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from accounts.models import User


class Courier(Protocol):
    """What the on-call room offers."""

    def deliver(self, alert_id: UUID, now: datetime) -> bool:
        """Move one alert on if it is due and send what is due of it."""

    def sweep(self, now: datetime, limit: int, patience: float | None) -> int:
        """Move every due alert on, send every due message; returns how many were sent."""

    def note(self, alert_id: UUID, what: str, user: User | None, now: datetime) -> None:
        """Write down what somebody did with an alert, and stop or start its timers."""


_courier: Courier | None = None


def use(courier: Courier) -> None:
    """Register the room that delivers."""
    global _courier
    _courier = courier


def _registered() -> Courier:
    if _courier is None:
        raise ImproperlyConfigured("alerts have no way out: therapy.oncall is missing from INSTALLED_APPS")
    return _courier


def deliver(alert_id: UUID, *, now: datetime | None = None) -> bool:
    """Send what is due of one alert. False where nothing was sent: not due, somebody else's, or no way out now."""
    return _registered().deliver(alert_id, now or timezone.now())


def sweep(*, now: datetime | None = None, limit: int = 50, patience: float | None = None) -> int:
    """Run the timers and send what is due; needs Postgres and the channels, nothing else.

    `patience`: seconds to wait for slow channels before going on with the rest; None waits for all.
    """
    return _registered().sweep(now or timezone.now(), limit, patience)


def note(alert_id: UUID, what: str, *, user: User | None = None, now: datetime | None = None) -> None:
    """Write one line of an alert's history; call in the transaction that changes the alert."""
    _registered().note(alert_id, what, user, now or timezone.now())
