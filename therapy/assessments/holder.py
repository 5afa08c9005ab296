"""What `assessments` keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from therapy.assessments import instruments, scoring
from therapy.assessments.models import Assessment, Reminder, ReminderBrowser
from therapy.assessments.selectors import open_answers, open_follow_up

MODELS = (Assessment, Reminder, ReminderBrowser)


def export(person_id: UUID) -> dict[str, Any]:
    """Every questionnaire with each answer, and what was wished about reminders."""
    return {
        "questionnaires": [_one(row) for row in Assessment.objects.filter(person_id=person_id).order_by("begun_at")],
        "reminders": [
            {
                "questionnaire": row.instrument,
                "wanted": row.is_on,
                "every_days": row.every_days,
                "due_on": row.due_on,
                "by_mail": row.by_mail,
                "by_push": row.by_push,
            }
            for row in Reminder.objects.filter(person_id=person_id).order_by("instrument")
        ],
        "browsers_for_reminders": ReminderBrowser.objects.filter(person_id=person_id).count(),
    }


def _one(row: Assessment) -> dict[str, Any]:
    answers = open_answers(row)
    found = instruments.known(row.instrument)
    is_whole = found is not None and row.state == Assessment.State.DONE
    return {
        "questionnaire": row.instrument,
        "version": row.version,
        "language": row.language,
        "begun_at": row.begun_at,
        "done_at": row.done_at,
        "answers": {str(item): value for item, value in answers.items()},
        "total": scoring.score(found, answers).total if found and is_whole else None,
        "direct_questions": {str(item): value for item, value in open_follow_up(row).items()},
    }


def erase(person_id: UUID) -> int:
    """Delete everything."""
    return sum(model.objects.filter(person_id=person_id).delete()[0] for model in MODELS)
