"""Reads of practice: what is offered, a run opened for its person, what came before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts import keys
from accounts.crypto import Binding
from accounts.models import Consent
from accounts.selectors import has_consented
from ml.planning.records import Practice
from ml.types import RiskLevel
from therapy.core import domain
from therapy.library.selectors import library
from therapy.practice import body
from therapy.practice.models import PracticeRun
from therapy.safety import selectors as safety

# Where a person is in danger, only what keeps them here and now is offered, after help by people.
STEADYING_KINDS = frozenset({"grounding", "breathing", "movement"})
SHOWN_RUNS = 60
WORTH_A_LINE = 30  # seconds


@dataclass(frozen=True, slots=True)
class RunView:
    """A run opened for its person."""

    id: UUID
    practice_id: str
    minutes: int
    position: int
    state: str
    started_at: datetime
    ended_at: datetime | None
    body: body.RunBody

    @property
    def is_open(self) -> bool:
        """Whether it can be gone on with."""
        return self.state == PracticeRun.State.OPEN

    @property
    def practice(self) -> Practice | None:
        """What was practised; None where it is no longer in the library, or has other phases by now."""
        found = library().practices.get(self.practice_id)
        return found if found and len(found.phases) == len(self.body.lengths) else None


def binding(row: PracticeRun) -> Binding:
    """Where a sealed body belongs."""
    return Binding("practice_practicerun", "body_sealed", row.pk, row.person_id)


def may_begin(practice: Practice) -> bool:
    """Whether it may be done alone: some wait until a clinician has read them."""
    return practice.review.state in ("unreviewed", "approved")


def offered(person_id: UUID) -> list[Practice]:
    """Every practice that is shown, those of the domain first; at high risk only the steadying ones."""
    first = domain.current().practices
    ranks = {practice_id: rank for rank, practice_id in enumerate(first)}
    shown = [practice for practice in library().practices.values() if practice.review.state != "withheld"]
    if safety.effective_level(person_id) >= RiskLevel.HIGH:
        shown = [practice for practice in shown if practice.kind in STEADYING_KINDS and may_begin(practice)]
    return sorted(shown, key=lambda practice: (not may_begin(practice), ranks.get(practice.id, len(ranks))))


def practice_for(person_id: UUID, practice_id: str) -> Practice | None:
    """One practice that is offered to this person."""
    return next((practice for practice in offered(person_id) if practice.id == practice_id), None)


def is_person_first(person_id: UUID) -> bool:
    """Whether a person must come before any practice."""
    return safety.effective_level(person_id) >= RiskLevel.HIGH


def may_keep_ratings(person_id: UUID) -> bool:
    """Whether what they say of how they feel may be kept."""
    return has_consented(person_id, Consent.Purpose.HEALTH_DATA)


def view_of(row: PracticeRun) -> RunView:
    """A row, opened."""
    text = keys.unseal_text(row.body_sealed, binding(row), row.person_id)
    return RunView(
        id=row.pk,
        practice_id=row.practice,
        minutes=row.minutes,
        position=row.position,
        state=row.state,
        started_at=row.started_at,
        ended_at=row.ended_at,
        body=body.from_json(text),
    )


def run_of(person_id: UUID, run_id: UUID) -> RunView | None:
    """One run of this person."""
    row = PracticeRun.objects.filter(person_id=person_id, pk=run_id).first()
    return view_of(row) if row else None


def open_run(person_id: UUID) -> RunView | None:
    """The run that can be gone on with."""
    row = PracticeRun.objects.filter(person_id=person_id, state=PracticeRun.State.OPEN).first()
    view = view_of(row) if row else None
    return view if view and view.practice else None


def history(person_id: UUID) -> list[RunView]:
    """Runs that were ended, newest first; those that were put away at once are not worth a line."""
    rows = PracticeRun.objects.filter(person_id=person_id).exclude(state=PracticeRun.State.OPEN)
    rows = rows.exclude(state=PracticeRun.State.LEFT, position__lt=WORTH_A_LINE)
    return [view_of(row) for row in rows.order_by("-started_at")[:SHOWN_RUNS]]
