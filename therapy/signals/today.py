"""What signals offer on the page Today: a gentle question where the heart was faster than usual. Never an alarm."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from therapy.core.today import TodayCard
from therapy.signals.selectors import faster_heart


def cards(person_id: UUID) -> list[TodayCard]:
    """One card at most."""
    if faster_heart(person_id) is None:
        return []
    return [
        TodayCard(
            key="signals",
            title=_("How are you today?"),
            text=_("Your heart was a little faster than usual. That can have many reasons, and most are harmless."),
            url=reverse("signals:home"),
            action=_("Say how I am"),
            order=40,
        )
    ]
