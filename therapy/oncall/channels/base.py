"""What every channel is given, and what it must offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from therapy.core.errors import TransportError
from therapy.oncall.models import AlertStep
from therapy.safety import drills
from therapy.safety.models import Level


@dataclass(frozen=True, slots=True)
class Notice:
    """What leaves the house about an alert: ids, level and kind (CR-10). `id` is the same at every attempt."""

    id: UUID
    event: str
    alert_id: UUID
    flag_id: UUID
    level: str
    kind: str
    raised_at: datetime
    round: int
    url: str
    is_drill: bool

    @property
    def title(self) -> str:
        """One line for subjects and summaries."""
        said = {"raised": f"{self.level} alert", "acknowledged": f"{self.level} alert taken"}
        text = said.get(self.event, f"{self.level} alert closed")
        return f"[Attune] DRILL, nothing to do: {text}" if self.is_drill else f"[Attune] {text}"


class Channel(Protocol):
    """One way out. `address` reads the database, in the caller's thread; `send` must not, it runs beside others."""

    @property
    def name(self) -> str:
        """As it stands in the history."""

    def address(self, step: AlertStep) -> object:
        """Where this message goes.

        Raises:
            TransportError: there is no such address any more.
        """

    def send(self, notice: Notice, address: object) -> None:
        """Send once.

        Raises:
            TransportError: it did not arrive.
        """

    def forget(self, step: AlertStep) -> None:
        """The address is gone for good."""


def notice_of(step: AlertStep) -> Notice:
    """What a line of the outbox tells. The alert and its session are loaded already."""
    alert = step.alert
    return Notice(
        id=step.key,
        event=step.event,
        alert_id=alert.pk,
        flag_id=alert.flag_id,
        level=Level(alert.level).name.lower(),
        kind=alert.kind,
        raised_at=alert.created_at,
        round=step.round,
        url=settings.PUBLIC_URL.rstrip("/") + reverse("admin:safety_riskflag_change", args=[alert.flag_id]),
        is_drill=alert.session.person_id == drills.PERSON_ID,
    )


def text_of(address: object) -> str:
    """An address that must be a text.

    Raises:
        TransportError: it is empty.
    """
    if not isinstance(address, str) or not address:
        raise TransportError("no_address", permanent=True)
    return address
