"""What practice offers on the page Today: going on with what was begun, else one practice that fits the hour."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ml.types import Language
from therapy.core.today import TodayCard
from therapy.practice import selectors

EVENING, NIGHT_ENDS = 20, 5


def language_now() -> Language:
    """The language of the page, as the library names it."""
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def cards(person_id: UUID) -> list[TodayCard]:
    """One card: the open run, or a suggestion."""
    run = selectors.open_run(person_id)
    if run is not None and run.practice is not None:
        return [
            TodayCard(
                key="practice",
                title=run.practice.title.of(language_now()),
                text=_("You paused this practice. It waits where you left it."),
                url=reverse("practice:run", args=[run.id]),
                action=_("Go on"),
                order=20,
            )
        ]
    hour = timezone.localtime().hour
    is_night = hour >= EVENING or hour < NIGHT_ENDS
    shown = [practice for practice in selectors.offered(person_id) if selectors.may_begin(practice)]
    if not shown:
        return []
    fitting = next((practice for practice in shown if is_night and practice.kind == "sleep"), shown[0])
    return [
        TodayCard(
            key="practice",
            title=fitting.title.of(language_now()),
            text=_("A practice of a few minutes, with a breathing guide. You may stop at any moment."),
            url=reverse("practice:detail", args=[fitting.id]),
            action=_("Have a look"),
            order=45,
        )
    ]
