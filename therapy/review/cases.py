"""A person's case at the desk: who accompanies them, tasks, working notes and tags."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from therapy.core.errors import ApplicationError
from therapy.review.bindings import desk_note_binding, seal
from therapy.review.models import Assignment, Capacity, CaseTag, FollowUp, Note, Review
from therapy.review.reading import is_assigned
from therapy.safety.models import RiskFlag

LONGEST_NOTE = 4000


def capacity_of(user: User) -> int:
    """How many cases somebody takes."""
    own = Capacity.objects.filter(user=user).values_list("most", flat=True).first()
    return settings.DESK_CAPACITY if own is None else own


def load_of(user: User) -> int:
    """How many cases somebody has."""
    return Assignment.objects.filter(counsellor=user, ended_at=None).count()


def open_tasks() -> QuerySet[FollowUp]:
    """Everything promised and not done, the most urgent first."""
    return FollowUp.objects.filter(done_at=None).select_related("assignee").order_by("due_on")


def set_capacity(*, user: User, counsellor_id: UUID, most: int) -> Capacity:
    """A supervisor says how many cases somebody takes.

    Raises:
        ApplicationError: forbidden, or not_found.
    """
    if not (user.is_counselling_staff and user.role == Role.SUPERVISOR):
        raise ApplicationError("forbidden", _("A supervisor sets this."))
    whom = User.objects.filter(pk=counsellor_id).first()
    if whom is None or not whom.is_counselling_staff:
        raise ApplicationError("not_found", _("This colleague does not exist."))
    return Capacity.objects.update_or_create(user=whom, defaults={"most": most})[0]


@transaction.atomic
def assign(*, user: User, person_id: UUID, counsellor_id: UUID, now: datetime | None = None) -> Assignment:
    """Give a case to somebody, or hand it on. Counsellors take a free one or pass their own on; supervisors do both.

    Raises:
        ApplicationError: forbidden, not_yours, not_found, or full.
    """
    moment = now or timezone.now()
    _require_counselling(user)
    # The one row that two transfers at once both wait for.
    if not User.objects.select_for_update().filter(pk=person_id, role=Role.CLIENT).exists():
        raise ApplicationError("not_found", _("This person does not exist."))
    current = Assignment.objects.filter(person_id=person_id, ended_at=None).first()
    if current and current.counsellor_id != user.pk and user.role != Role.SUPERVISOR:
        raise ApplicationError("not_yours", _("Somebody else accompanies this person. They or a supervisor hand over."))
    counsellor = User.objects.filter(pk=counsellor_id).first()
    if counsellor is None or not counsellor.is_counselling_staff:
        raise ApplicationError("not_found", _("This colleague does not exist."))
    if current and current.counsellor_id == counsellor.pk:
        return current
    if load_of(counsellor) >= capacity_of(counsellor):
        raise ApplicationError("full", _("This colleague has as many cases as they take. Choose somebody else."))
    if current:
        Assignment.objects.filter(pk=current.pk).update(ended_at=moment)
        # What was promised to the person goes along with them.
        tasks = FollowUp.objects.filter(person_id=person_id, done_at=None, assignee_id=current.counsellor_id)
        tasks.update(assignee=counsellor)
    return Assignment.objects.create(person_id=person_id, counsellor=counsellor, assigned_by=user, begun_at=moment)


@transaction.atomic
def end_case(*, user: User, person_id: UUID) -> bool:
    """Nobody accompanies the person any longer. One's own case, or a supervisor's decision; open tasks forbid it.

    Raises:
        ApplicationError: forbidden, not_yours, or tasks_open.
    """
    _require_counselling(user)
    if not is_assigned(user, person_id) and user.role != Role.SUPERVISOR:
        raise ApplicationError("not_yours", _("This is not your case."))
    if FollowUp.objects.filter(person_id=person_id, done_at=None).exists():
        raise ApplicationError(
            "tasks_open", _("Something is still promised to this person. Do it or hand it on first.")
        )
    running = Assignment.objects.filter(person_id=person_id, ended_at=None)
    return bool(running.update(ended_at=timezone.now()))


def add_follow_up(
    *,
    user: User,
    person_id: UUID,
    what: str,
    due_on: date,
    assignee_id: UUID | None = None,
    flag_id: UUID | None = None,
) -> FollowUp:
    """Promise something by a day.

    Raises:
        ApplicationError: forbidden, or not_found.
    """
    _require_counselling(user)
    assignee = User.objects.filter(pk=assignee_id).first() if assignee_id else user
    if assignee is None or not assignee.is_counselling_staff or what not in FollowUp.What.values:
        raise ApplicationError("not_found", _("This colleague does not exist."))
    return FollowUp.objects.create(
        person_id=person_id, flag_id=flag_id, assignee=assignee, made_by=user, what=what, due_on=due_on
    )


def finish_follow_up(*, user: User, task_id: UUID) -> bool:
    """It is done. False where it was done already.

    Raises:
        ApplicationError: forbidden.
    """
    _require_counselling(user)
    return bool(FollowUp.objects.filter(pk=task_id, done_at=None).update(done_at=timezone.now(), done_by=user))


def write_note(*, user: User, person_id: UUID, text: str) -> Note:
    """Keep a working note, sealed with the person's key.

    Raises:
        ApplicationError: forbidden, not_yours, empty or too_long.
    """
    _require_case(user, person_id)
    if not text.strip():
        raise ApplicationError("empty", _("There is nothing to keep yet."))
    if len(text) > LONGEST_NOTE:
        raise ApplicationError("too_long", _("That is too long for one note."))
    note = Note(id=uuid4(), person_id=person_id, author=user)
    note.text_sealed = seal(text, desk_note_binding(note), person_id) or b""
    note.save(force_insert=True)
    return note


@transaction.atomic
def set_tags(*, user: User, person_id: UUID, tags: list[str]) -> None:
    """The tags of a case, exactly these.

    Raises:
        ApplicationError: forbidden, or not_yours.
    """
    _require_case(user, person_id)
    wanted = set(tags) & set(CaseTag.Tag.values)
    CaseTag.objects.filter(person_id=person_id).exclude(tag__in=wanted).delete()
    for tag in sorted(wanted):
        CaseTag.objects.get_or_create(person_id=person_id, tag=tag, defaults={"by": user})


def knows(user: User, person_id: UUID) -> bool:
    """Whether somebody has to do with a person: their case, an open flag, a decision of theirs; supervisors always."""
    if not user.is_counselling_staff:
        return False
    if user.role == Role.SUPERVISOR or is_assigned(user, person_id):
        return True
    flags = RiskFlag.objects.filter(person_id=person_id)
    open_ones = flags.filter(state=RiskFlag.State.OPEN).exists()
    return open_ones or Review.objects.filter(flag__person_id=person_id, reviewer=user).exists()


def _require_counselling(user: User) -> None:
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can do this."))


def _require_case(user: User, person_id: UUID) -> None:
    _require_counselling(user)
    if not knows(user, person_id):
        raise ApplicationError("not_yours", _("This is not your case."))
