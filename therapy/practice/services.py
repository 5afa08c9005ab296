"""Writes of practice: beginning a run, where it stands, its end with what was said afterwards."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from therapy.core.errors import ApplicationError
from therapy.library.selectors import library
from therapy.observations import services as observations
from therapy.practice import adapting, selectors, signals_door, timeline
from therapy.practice.body import Ratings, RunBody, to_json
from therapy.practice.models import PracticeRun

# What a run may last at most, however often it was lengthened.
LONGEST_SECONDS = 4 * 3600


@transaction.atomic
def start(*, person_id: UUID, practice_id: str, minutes: int, before: Ratings) -> PracticeRun:
    """Begin a practice; one that was open is left where it stands.

    Raises:
        ApplicationError: it is not offered to this person, must not be done alone yet, or has no such length.
    """
    practice = selectors.practice_for(person_id, practice_id)
    if practice is None or not selectors.may_begin(practice) or minutes not in practice.minutes:
        raise ApplicationError("not_offered", _("This practice cannot be started just now."))
    if not selectors.may_keep_ratings(person_id):
        before = Ratings()
    phases = [phase.phase for phase in practice.phases]
    fitted = adapting.fit(phases, timeline.lengths(practice, minutes), before)
    PracticeRun.objects.filter(person_id=person_id, state=PracticeRun.State.OPEN).update(
        state=PracticeRun.State.LEFT, ended_at=timezone.now()
    )
    row = PracticeRun(
        id=uuid4(),
        person_id=person_id,
        practice=practice.id,
        library_version=library().version,
        minutes=minutes,
    )
    body = RunBody(fitted.lengths, (0,) * len(phases), fitted.notes, before)
    _seal(row, body)
    row.save(force_insert=True)
    signals_door.report(person_id, before)
    return row


@transaction.atomic
def keep_position(*, person_id: UUID, run_id: UUID, position: int, extra: tuple[int, ...]) -> None:
    """Remember where an open run stands and what was added to it; a run that has ended stays as it is."""
    row = _locked(person_id, run_id)
    if row.state != PracticeRun.State.OPEN:
        return
    body = selectors.view_of(row).body.extended(extra)
    row.position = min(max(position, 0), body.whole)
    _seal(row, body)
    row.save()


@transaction.atomic
def finish(*, person_id: UUID, run_id: UUID, after: Ratings, seconds: int) -> PracticeRun:
    """End a run with what the person says now. Sent twice, as a browser may after a time offline, it counts once."""
    row = _locked(person_id, run_id)
    body = selectors.view_of(row).body
    if row.state == PracticeRun.State.DONE:
        return row
    if not selectors.may_keep_ratings(person_id):
        after = Ratings()
    body = replace(body, after=after, seconds=min(max(seconds, 0), LONGEST_SECONDS))
    row.state, row.ended_at = PracticeRun.State.DONE, timezone.now()
    row.position = min(body.seconds, body.whole)
    _seal(row, body)
    row.save()
    signals_door.report(person_id, after)
    observations.record(
        person_id=person_id,
        kind="practice",
        source="practice",
        payload={
            "practice": row.practice,
            "run": str(row.pk),
            "minutes": row.minutes,
            "seconds": body.seconds,
            "before": body.before.as_dict(),
            "after": after.as_dict(),
        },
    )
    return row


@transaction.atomic
def leave(*, person_id: UUID, run_id: UUID) -> None:
    """Put an open run away without an after."""
    row = _locked(person_id, run_id)
    if row.state == PracticeRun.State.OPEN:
        row.state, row.ended_at = PracticeRun.State.LEFT, timezone.now()
        row.save()


def _locked(person_id: UUID, run_id: UUID) -> PracticeRun:
    row = PracticeRun.objects.select_for_update().filter(person_id=person_id, pk=run_id).first()
    if row is None:
        raise ApplicationError("not_found", _("This practice is not there."))
    return row


def _seal(row: PracticeRun, body: RunBody) -> None:
    row.body_sealed = keys.seal_text(to_json(body), selectors.binding(row), row.person_id)
