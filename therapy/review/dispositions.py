"""What a decision about a flag must hold before the flag closes: one list of rules, for form and service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from therapy.review.choices import Fact, Outcome
from therapy.review.models import Review
from therapy.safety.lowering import SHORTEST_REASON
from therapy.safety.models import REQUEST_KINDS, Level

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

FACTS = ("desire", "plan", "means", "timeframe")


@dataclass(frozen=True, slots=True)
class Disposition:
    """A structured decision. `level_given` is the counsellor's own level, None where a request was answered."""

    outcome: str
    action: str
    level_given: int | None = None
    desire: str = ""
    plan: str = ""
    means: str = ""
    timeframe: str = ""
    contact: str = ""
    false_reason: str = ""
    follow_up_on: date | None = None
    note: str = ""
    whole_session: bool = False
    lower_risk: bool = False
    keep_case: bool = False


def problems(found: Disposition, *, kind: str, today: date) -> dict[str, _StrPromise]:
    """What is missing or does not fit, by field; empty where the flag may close."""
    wrong = _problems_of_every(found, is_request=kind in REQUEST_KINDS, today=today)
    if found.outcome == Outcome.ANSWERED:
        return wrong
    if found.level_given not in Level.values:
        wrong["level_given"] = _("Say which level it was in your eyes.")
    if found.outcome != Outcome.FALSE_ALARM:
        unanswered = [fact for fact in FACTS if getattr(found, fact) not in Fact.values]
        wrong |= {fact: _("Yes, no, or not known.") for fact in unanswered}
    return wrong | _problems_of_outcome(found)


def _problems_of_every(found: Disposition, *, is_request: bool, today: date) -> dict[str, _StrPromise]:
    wrong: dict[str, _StrPromise] = {}
    if found.outcome not in Outcome.values:
        wrong["outcome"] = _("Say what it was: without that the flag stays open.")
    if found.action not in Review.Action.values:
        wrong["action"] = _("Say what was done.")
    if found.contact not in Review.Contact.values:
        wrong["contact"] = _("Say whether there was contact.")
    if found.outcome == Outcome.ANSWERED and not is_request:
        wrong["outcome"] = _("This was no request: choose what the alarm was.")
    if found.follow_up_on and found.follow_up_on < today:
        wrong["follow_up_on"] = _("This day has passed.")
    return wrong


def _problems_of_outcome(found: Disposition) -> dict[str, _StrPromise]:
    wrong: dict[str, _StrPromise] = {}
    given = found.level_given or 0
    if found.outcome == Outcome.FALSE_ALARM:
        if found.false_reason not in Review.FalseReason.values:
            wrong["false_reason"] = _("Say why it was a false alarm: the screening learns from it.")
        if given >= Level.HIGH:
            wrong["level_given"] = _("A false alarm cannot be high.")
    if found.outcome == Outcome.UNCLEAR and not found.follow_up_on:
        wrong["follow_up_on"] = _("Unclear means somebody looks again: choose the day.")
    if found.outcome == Outcome.TRUE_ALARM and given >= Level.HIGH:
        if not found.follow_up_on:
            wrong["follow_up_on"] = _("After a high risk somebody looks again: choose the day.")
        if found.contact == Review.Contact.NOT_NEEDED:
            wrong["contact"] = _("At a high risk contact is needed; say if you did not reach the person.")
    if found.lower_risk and len(found.note.strip()) < SHORTEST_REASON:
        wrong["note"] = _("Letting the level go needs a reason in the note.")
    if found.false_reason == Review.FalseReason.OTHER and not found.note.strip():
        wrong["note"] = _("Please name the reason in the note.")
    return wrong


def needs_second_look(found: Disposition, *, highest: int) -> bool:
    """High and imminent are looked at twice, whether the program said so or the counsellor."""
    return max(highest, found.level_given or 0) >= Level.HIGH and found.outcome != Outcome.ANSWERED
