"""Writes of cognitive tests: which form is next, and a finished run, counted here from its trials."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import keys
from ml.cognition.forms import KINDS, Form, form
from ml.cognition.scoring import Score, read_answers, score
from therapy.core.errors import ApplicationError
from therapy.observations import services as observations
from therapy.practice import selectors, trials_selectors
from therapy.practice.models import TestRun

# Alternate forms: so many before one comes again.
FORMS = 1000


def next_form(person_id: UUID, kind: str) -> Form:
    """The form this person has not seen yet: another one each time, the same until it is done."""
    done = TestRun.objects.filter(person_id=person_id, kind=kind).count()
    return form(kind, (person_id.int + 7919 * done) % FORMS)


@transaction.atomic
def keep_result(*, person_id: UUID, kind: str, seed: int, rows: object, moment: str, run_id: UUID) -> Score:
    """Count a finished test and keep it, sealed. The same run sent twice counts once.

    Raises:
        ApplicationError: there is no such test, or what was sent is no run of it.
    """
    if kind not in KINDS or not 0 <= seed < FORMS:
        raise ApplicationError("not_found", _("There is no such test."))
    one = form(kind, seed)
    try:
        answers = read_answers(rows, len(one.trials))
    except ValueError as error:
        raise ApplicationError("not_a_run", _("That was no complete test.")) from error
    found = score(one, answers)
    if not selectors.may_keep_ratings(person_id) or TestRun.objects.filter(pk=run_id).exists():
        return found
    row = TestRun(id=run_id, person_id=person_id, kind=kind, form=seed)
    row.moment = moment if moment in TestRun.Moment else TestRun.Moment.ALONE
    body = json.dumps({"trials": rows, "scores": found.as_dict()})
    row.body_sealed = keys.seal_text(body, trials_selectors.binding(row), person_id)
    row.save(force_insert=True)
    observations.record(
        person_id=person_id,
        kind="cognition",
        source="practice",
        payload={
            "test": kind,
            "run": str(row.pk),
            "usable": found.is_usable,
            "values": found.values,
            "moment": row.moment,
        },
    )
    return found


def new_run_id() -> UUID:
    """An id for a run that a page begins; it makes sending twice harmless."""
    return uuid4()
