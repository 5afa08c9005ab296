"""The words of a step as somebody typed them: cleaned, limited and sealed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.models import User
from therapy.core.errors import ApplicationError
from therapy.plans.models import PlanItem, StepEdit
from therapy.plans.selectors import edit_binding, item_binding

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


def words_of(item: PlanItem) -> StepWords:
    """What a step says now."""
    person_id = item.plan.person_id
    title, details = (
        keys.unseal_text(getattr(item, f"{field}_sealed"), item_binding(item, field, person_id), person_id)
        for field in ("title", "details")
    )
    return StepWords(title, details, item.minutes)


def keep_words(item: PlanItem, *, unless: StepWords, by: User | None) -> bool:
    """Keep what a step says now, before it is changed; False, and nothing kept, where `unless` says the same."""
    person_id, now = item.plan.person_id, words_of(item)
    if now == unless:
        return False
    row = StepEdit(id=uuid4(), item=item, by=by, minutes=item.minutes)
    row.title_sealed = keys.seal_text(now.title, edit_binding(row, "title", person_id), person_id)
    row.details_sealed = keys.seal_text(now.details, edit_binding(row, "details", person_id), person_id)
    row.save(force_insert=True)
    return True


def line_of(text: str, most: int) -> str:
    """One short line as typed: cleaned, and cut at `most` characters."""
    return " ".join(_cleaned(text).split())[:most]


def decline_reasons() -> list[tuple[str, str]]:
    """Why a step may not fit, as the planner knows it and as a person says it."""
    return [
        ("not_now", str(_("Not now, perhaps later"))),
        ("too_hard", str(_("It is too hard at the moment"))),
        ("too_long", str(_("It takes too long"))),
        ("did_not_help", str(_("I tried it and it did not help"))),
        ("made_it_worse", str(_("It made things worse"))),
        ("not_for_me", str(_("It is not for me"))),
        ("other", str(_("Something else"))),
    ]
