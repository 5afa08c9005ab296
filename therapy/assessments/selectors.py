"""Reads of questionnaires: what is begun, what was answered, how totals went over time, opened for their person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language

from accounts import keys
from accounts.crypto import Binding
from accounts.models import Consent
from accounts.selectors import has_consented
from therapy.assessments import instruments, scoring
from therapy.assessments.instruments import Instrument
from therapy.assessments.models import Assessment
from therapy.assessments.scoring import Change, Score

# The questions are about the last two weeks: answers that lie for longer no longer belong together.
RESUME_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Result:
    """One finished questionnaire in the clear. `change`: since the one before, where there is one."""

    id: UUID
    instrument: Instrument
    language: str
    done_at: datetime
    answers: Mapping[int, int]
    score: Score
    change: Change | None
    follow_up: str

    @property
    def band_name(self) -> str:
        """The range of the total, as the questionnaire's authors call it, in the language of the page."""
        return self.instrument.text(get_language() or "en").bands[self.score.band]


def binding(row: Assessment, column: str) -> Binding:
    """Where sealed answers belong."""
    return Binding("assessments_assessment", column, row.pk, row.person_id)


def open_answers(row: Assessment) -> dict[int, int]:
    """The answers so far, by item."""
    return _numbers(keys.unseal_text(row.answers_sealed, binding(row, "answers_sealed"), row.person_id))


def open_follow_up(row: Assessment) -> dict[int, int]:
    """The answers to the direct questions."""
    return _numbers(keys.unseal_text(row.follow_up_sealed, binding(row, "follow_up_sealed"), row.person_id))


def _numbers(text: str) -> dict[int, int]:
    return {int(item): int(value) for item, value in json.loads(text or "{}").items()}


def may_fill_in(person_id: UUID) -> bool:
    """Whether the person allows that what they say about their health is used: the door to every questionnaire."""
    return has_consented(person_id, Consent.Purpose.HEALTH_DATA)


def of_person(person_id: UUID, assessment_id: UUID) -> Assessment | None:
    """One of the person's own; never anybody else's."""
    return Assessment.objects.filter(pk=assessment_id, person_id=person_id).first()


def begun(person_id: UUID, instrument: str) -> Assessment | None:
    """What lies open and may still be gone on with. A clock that was set back makes nothing older or younger."""
    row = Assessment.objects.filter(person_id=person_id, instrument=instrument, state=Assessment.State.OPEN).first()
    return row if row is not None and not is_stale(row) else None


def is_stale(row: Assessment) -> bool:
    """Whether an open one is too old to go on with, belongs to an earlier wording, or to a time that is not yet."""
    found = instruments.find(row.instrument)
    now = timezone.now()
    is_in_time = now - RESUME_FOR <= row.begun_at <= now + timedelta(days=1)
    return found is None or found.version != row.version or not is_in_time


def results(person_id: UUID, instrument: str) -> list[Result]:
    """Every finished one, oldest first, each with its change since the one before."""
    found = instruments.known(instrument)
    if found is None:
        return []
    rows = Assessment.objects.filter(person_id=person_id, instrument=instrument, state=Assessment.State.DONE)
    shown: list[Result] = []
    for row in rows.order_by("done_at", "pk"):
        before = shown[-1].score.total if shown else None
        shown.append(_result(row, found, before))
    return shown


def result(person_id: UUID, assessment_id: UUID) -> Result | None:
    """One finished one, compared with the one before it."""
    row = of_person(person_id, assessment_id)
    if row is None or row.state != Assessment.State.DONE:
        return None
    return next((shown for shown in results(person_id, row.instrument) if shown.id == row.pk), None)


def _result(row: Assessment, instrument: Instrument, before: int | None) -> Result:
    answers = open_answers(row)
    total = scoring.score(instrument, answers)
    return Result(
        id=row.pk,
        instrument=instrument,
        language=row.language,
        done_at=row.done_at or row.touched_at,
        answers=answers,
        score=total,
        change=None if before is None else scoring.change(instrument, before, total.total),
        follow_up=row.follow_up,
    )


def latest(person_id: UUID) -> dict[str, Result]:
    """The newest result of each questionnaire that has one."""
    rows = Assessment.objects.filter(person_id=person_id, state=Assessment.State.DONE)
    names = set(rows.values_list("instrument", flat=True))
    return {name: shown[-1] for name in sorted(names) if (shown := results(person_id, name))}


def open_question(person_id: UUID) -> Assessment | None:
    """The newest one whose direct questions were shown and neither answered nor declined."""
    rows = Assessment.objects.filter(person_id=person_id, follow_up=Assessment.FollowUp.ASKED)
    return rows.order_by("-touched_at").first()
