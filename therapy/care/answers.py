"""What a questionnaire or a check-in answer asks of us: a follow-up at once and a level, whatever the total score says.

CR-14: item 9 of the PHQ-9 and item 10 of the EPDS, any answer above "not at all". Rules stand here as data; whoever
stores answers calls `note_answer` in the transaction that stores them.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.selectors import open_profile
from ml.types import RiskLevel
from therapy.care import speaking
from therapy.safety import services as safety
from therapy.safety.services import Screened


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """An item whose answer of at least `at_least` counts as this level and kind."""

    instrument: str
    item: int
    at_least: int
    level: RiskLevel
    kind: str = "ideation_active"


# A zero is no proof of safety: nothing here ever lowers a level.
RULES = (
    AnswerRule("phq9", 9, 1, RiskLevel.MODERATE),
    AnswerRule("phqa", 9, 1, RiskLevel.MODERATE),
    AnswerRule("epds", 10, 1, RiskLevel.MODERATE),
    AnswerRule("check_in", 1, 2, RiskLevel.MODERATE, "ideation_passive"),
    AnswerRule("check_in", 1, 3, RiskLevel.HIGH, "plan"),
)


def rule_for(instrument: str, item: int, value: int) -> AnswerRule | None:
    """The rule of the highest level that an answer meets; None where it asks for nothing."""
    met = [rule for rule in RULES if (rule.instrument, rule.item) == (instrument, item) and value >= rule.at_least]
    return max(met, key=lambda rule: rule.level, default=None)


@transaction.atomic
def note_answer(
    *, person_id: UUID, instrument: str, item: int, value: int, rule: AnswerRule | None = None
) -> Screened | None:
    """Act on one answer: ask directly in the conversation, raise level, flag and, if high, an alert.

    `rule` is one that the caller's own data holds and that is met; the higher of it and ours counts. None where the
    answer asks for nothing.
    """
    rules = [found for found in (rule, rule_for(instrument, item, value)) if found is not None]
    rule = max(rules, key=lambda found: found.level, default=None)
    if rule is None:
        return None
    session = speaking.session_for(person_id)
    with translation.override(open_profile(person_id).language):
        text = _(
            "Thank you for answering so honestly. One answer makes me want to ask you directly: are you thinking of "
            "ending your life at the moment? You can say yes here. A counsellor will look at it, and help is above."
        )
        message = speaking.say(session, text, source=f"answers.{instrument}")
    return safety.raise_from_answers(
        person_id=person_id,
        session_id=session.pk,
        message_id=message.pk,
        source=f"{instrument}.{item}",
        level=rule.level,
        kind=rule.kind,
    )
