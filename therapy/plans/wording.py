"""The words of a step as somebody typed them: cleaned, limited and sealed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts import keys
from therapy.core.errors import ApplicationError
from therapy.plans.models import PlanItem
from therapy.plans.selectors import item_binding

TITLE_CHARACTERS = 200
DETAILS_CHARACTERS = 4_000
MINUTES = range(1, 241)


@dataclass(frozen=True, slots=True)
class StepWords:
    """Title, details (first line what it is, then one thing a line) and minutes, as typed."""

    title: str
    details: str = ""
    minutes: int = 10

    def checked(self) -> StepWords:
        """Without control characters and outer space.

        Raises:
            ApplicationError: empty, too long, or minutes out of range; nothing is cut behind the person's back.
        """
        title = " ".join(_cleaned(self.title).split())
        details = _cleaned(self.details).strip()
        if not title:
            raise ApplicationError("empty", _("Please give the step a name."))
        if len(title) > TITLE_CHARACTERS:
            raise ApplicationError("long_title", _("That name is too long. Please use up to 200 characters."))
        if len(details) > DETAILS_CHARACTERS:
            raise ApplicationError("long_details", _("That is too long. Please use up to 4,000 characters."))
        if self.minutes not in MINUTES:
            raise ApplicationError("minutes", _("Minutes must be a number from 1 to 240."))
        return StepWords(title, details, self.minutes)


def _cleaned(text: str) -> str:
    """Line ends as one character; control characters and lone surrogates gone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in lines if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs"))


def reseal(item: PlanItem, words: StepWords) -> None:
    """Put new words into a step; not saved yet."""
    person_id = item.plan.person_id
    item.minutes = words.minutes
    item.title_sealed = keys.seal_text(words.title, item_binding(item, "title", person_id), person_id)
    item.details_sealed = keys.seal_text(words.details, item_binding(item, "details", person_id), person_id)
