"""The on-call room as the safety room sees it: move alerts on, send what is due, write down what people did."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError

from accounts.models import User
from therapy.oncall import chain, drill, post

logger = logging.getLogger(__name__)


class OnCallCourier:
    """Registered with `therapy.safety.delivery` when apps are loaded."""

    def deliver(self, alert_id: UUID, now: datetime) -> bool:
        """One alert: its chain, then its messages."""
        chain.move(alert_id, now)
        return post.send_due(now, limit=50, alert_id=alert_id) > 0

    def sweep(self, now: datetime, limit: int, patience: float | None) -> int:
        """Every due alert, then every due message, then the drill that waits for some of them."""
        for alert_id in chain.due(now, limit):
            self._move(alert_id, now)
        sent = post.send_due(now, limit=limit, patience=patience)
        drill.check(now)
        return sent

    def _move(self, alert_id: UUID, now: datetime) -> None:
        """One alert whose rows cannot be worked with must not hold up the others."""
        try:
            chain.move(alert_id, now)
        except (DataError, IntegrityError, ImproperlyConfigured, LookupError, ValueError) as error:
            logger.error("alert %s does not move on: %s", alert_id, type(error).__name__)

    def note(self, alert_id: UUID, what: str, user: User | None, now: datetime) -> None:
        """One line of history, and the timers that follow from it."""
        chain.note(alert_id, what, user, now)
