"""What staff see of totals in a conversation opened with a reason: numbers and days, where the person agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import Consent
from accounts.selectors import has_consented
from therapy.assessments import instruments
from therapy.assessments.selectors import results

MOST = 6


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """The latest totals of one questionnaire, oldest first, and what the ranges of the newest is called."""

    name: str
    highest: int
    totals: tuple[tuple[datetime, int], ...]
    band: str
    verdict: str


def score_lines(person_id: UUID, language: str) -> tuple[ScoreLine, ...] | None:
    """One line a questionnaire; None where the person does not show them. Log the reading first."""
    if not has_consented(person_id, Consent.Purpose.SCORE_SHARING):
        return None
    lines = []
    for instrument in instruments.all_known().values():
        held = results(person_id, instrument.id)[-MOST:]
        if held:
            words = instrument.text(language)
            lines.append(
                ScoreLine(
                    words.name,
                    instrument.highest,
                    tuple((row.done_at, row.score.total) for row in held),
                    words.bands[held[-1].score.band],
                    held[-1].change.verdict if held[-1].change else "",
                )
            )
    return tuple(lines)
