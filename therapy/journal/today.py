"""The journal's card on the page "Today": an offer while nothing was written, never a reproach."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from therapy.core.today import TodayCard
from therapy.journal import moments, selectors


def cards(person_id: UUID) -> list[TodayCard]:
    """ "How is today?" until something was written today; then a way to the days."""
    if selectors.has_entry(person_id, moments.day_of(timezone.now(), moments.zone_for(person_id))):
        return [
            TodayCard(
                key="journal",
                title=_("My journal"),
                text=_("You have written something today. You can add to it whenever you like."),
                url=reverse("journal:days"),
                action=_("Look at my days"),
                order=80,
            )
        ]
    return [
        TodayCard(
            key="journal",
            title=_("How is today?"),
            text=_("A few taps: mood, sleep, energy. It takes less than half a minute, and every part may stay empty."),
            url=reverse("journal:home"),
            action=_("Check in"),
            order=20,
        )
    ]
