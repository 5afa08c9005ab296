"""Words that a person writes outside a conversation (a journal, a note to be remembered): screened like a message.

From moderate on they are brought into the person's conversation by the app that registered for it: there a counsellor
can see them, and there somebody answers. Safety itself writes no conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.selectors import open_profile
from ml.types import Language, RiskAssessment, RiskLevel
from therapy.core import engines
from therapy.safety import cards, hotlines, screening
from therapy.safety.cards import CrisisCard
from therapy.safety.services import Screened


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of words of danger: what they raised, and the conversation that they now stand in."""

    screened: Screened
    session_id: UUID


Bringer = Callable[[UUID, str, str, RiskAssessment], Brought]
_bringers: list[Bringer] = []


def register_bringer(bringer: Bringer) -> None:
    """Let `bringer(person_id, source, text, assessment)` bring words into the conversation; the last one counts."""
    _bringers[:] = [bringer]


def look_at(text: str, *, fallback: Language) -> RiskAssessment | None:
    """The assessment of words that need somebody (moderate and up); None where there is nothing to do."""
    if not text.strip():
        return None
    assessment = screening.screen(text, (), engines.detect_language(text, fallback))
    return assessment if assessment.level >= RiskLevel.MODERATE else None


@transaction.atomic
def bring(*, person_id: UUID, source: str, text: str, assessment: RiskAssessment) -> Brought | None:
    """Flag and, if high, alert, as a message would; None where no app can (then only the card helps)."""
    return _bringers[-1](person_id, source, text, assessment) if _bringers else None


def card_for(person_id: UUID, assessment: RiskAssessment, brought: Brought | None, accept_language: str) -> CrisisCard:
    """The card that these words ask for, in the language of the person's pages."""
    profile = open_profile(person_id)
    language = "zh" if profile.language.startswith("zh") else "en"
    return cards.card(
        assessment.level,
        assessment.kind,
        language=language,
        country=hotlines.country_for(profile.country, accept_language, language),
        flag_id=brought.screened.flag_id if brought else None,
        aspects=cards.aspects_of(assessment.evidence),
    )
