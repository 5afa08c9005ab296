"""Cards of questionnaires on the page "Today": at most one that is due, one that was begun, and an open question."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from therapy.assessments import instruments, reminders, selectors
from therapy.core.today import TodayCard


def cards(person_id: UUID) -> list[TodayCard]:
    """What there is to offer; nothing where the person does not allow questionnaires."""
    shown = []
    asked = selectors.open_question(person_id)
    if asked is not None:
        shown.append(
            TodayCard(
                "assessments.question",
                _("A direct question is still open"),
                _("One of your answers made us want to ask how safe you are. You can answer in a minute."),
                reverse("assessments:follow_up", args=[asked.pk]),
                _("To the question"),
                order=1,
                stays_in_danger=True,
            )
        )
    if not selectors.may_fill_in(person_id):
        return shown
    return [*shown, *_begun(person_id)[:1]] if _begun(person_id) else [*shown, *_due(person_id)[:1]]


def _begun(person_id: UUID) -> list[TodayCard]:
    found = []
    for instrument in instruments.offered():
        row = selectors.begun(person_id, instrument.id)
        if row is not None:
            text = _("You began {name}. Your answers are kept; go on whenever you like.")
            place = reverse("assessments:about", args=[instrument.id])
            name = instrument.text(get_language() or "en").name
            key = f"assessments.begun.{instrument.id}"
            found.append(
                TodayCard(key, _("A questionnaire you began"), text.format(name=name), place, _("Go on"), order=40)
            )
    return found


def _due(person_id: UUID) -> list[TodayCard]:
    found = []
    for reminder in reminders.due(person_id):
        instrument = instruments.find(reminder.instrument)
        if instrument is not None:
            words = instrument.text(get_language() or "en")
            text = _("{about} It takes about {minutes} min. Only if you like.")
            found.append(
                TodayCard(
                    f"assessments.due.{instrument.id}",
                    _("How have you been?"),
                    text.format(about=words.about, minutes=instrument.minutes),
                    reverse("assessments:about", args=[instrument.id]),
                    _("Look at {name}").format(name=words.name),
                    order=60,
                )
            )
    return found
