"""What the player knows of signals: which the person allows, where the browser sends them, the policy it follows.

Where the room of signals is not installed, nothing is sent and the practice follows its plain rules.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import reverse

from therapy.practice.body import HIGHEST, Ratings

SENT_BY_THE_PLAYER = ("heart", "behaviour", "breathing")


def is_there() -> bool:
    """Whether this installation takes signals."""
    return apps.is_installed("therapy.signals")


def for_player(person_id: UUID) -> dict[str, Any]:
    """Switches, address and policy table as JSON for the page."""
    if not is_there():
        return {"allowed": [], "url": "", "policy": None, "state": None}
    from ml.attention.policy import TABLE  # noqa: PLC0415 - only where signals are installed
    from therapy.signals.selectors import current_state  # noqa: PLC0415
    from therapy.signals.switches import allowed  # noqa: PLC0415

    granted = allowed(person_id)
    return {
        "allowed": [kind for kind in SENT_BY_THE_PLAYER if kind in granted],
        "url": "/signals/ingest/",
        "policy": TABLE.as_json(),
        "state": current_state(person_id).as_json() if granted else None,
    }


def page_url() -> str:
    """The page of the switches; empty where there is none."""
    return reverse("signals:home") if is_there() else ""


def report(person_id: UUID, said: Ratings) -> None:
    """What a person said before or after counts as evidence of their state, where they allow that."""
    if said.is_empty or not is_there():
        return
    from therapy.signals.services import report_self  # noqa: PLC0415 - as above
    from therapy.signals.switches import allowed  # noqa: PLC0415

    if "self_report" in allowed(person_id):
        report_self(person_id=person_id, a=_axis(said.focused), e=_axis(said.calm), r=_axis(said.mood))


def _axis(value: int | None) -> float | None:
    """From 0…10 to -1…1."""
    return None if value is None else value / (HIGHEST / 2) - 1
