"""The card of progress on the page "Today": one short question after a week with a plan or after a talk."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from therapy.core.today import TodayCard
from therapy.progress import selectors
from therapy.progress.models import Satisfaction


def cards(person_id: UUID) -> list[TodayCard]:
    """One card where it is time, else none."""
    about = selectors.asked_about(person_id)
    if not about:
        return []
    is_plan = about == Satisfaction.About.PLAN_WEEK
    text = _("A week with your plan lies behind you.") if is_plan else _("You had a conversation here lately.")
    place = reverse("progress:satisfaction") + f"?about={about}"
    ask = _("One question about it, if you like.")
    return [TodayCard("progress.satisfaction", _("How was it?"), f"{text} {ask}", place, _("Answer"), order=80)]
