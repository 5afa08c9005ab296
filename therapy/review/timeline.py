"""A person's case over all their conversations, in one line of time. Holds no words: opening them needs a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Access, User
from therapy.chat.models import ChatSession
from therapy.review import reading
from therapy.review.kinds import kind_name
from therapy.review.models import Assignment, FollowUp, Review
from therapy.safety.models import Alert, Level, RiskFlag, RiskLowered

_MOST = 200


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `flag_id` leads to the flag, where there is one."""

    at: datetime
    what: str
    detail: str
    who: str = ""
    level: int | None = None
    level_name: str = ""
    flag_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A conversation as the case lists it."""

    session: ChatSession
    flags: int
    highest: int
    highest_name: str
    is_open_to_me: bool


def events(person_id: UUID) -> list[Event]:
    """What happened, newest first."""
    found = [*_flags(person_id), *_alerts(person_id), *_reviews(person_id)]
    found += [*_lowered(person_id), *_arrangements(person_id)]
    readings = Access.objects.filter(person_id=person_id).select_related("actor").order_by("-at")[:_MOST]
    found += [Event(row.at, str(_("read")), row.get_what_display(), _name(row.actor)) for row in readings]
    return sorted(found, key=lambda event: event.at, reverse=True)[:_MOST]


def _flags(person_id: UUID) -> list[Event]:
    rows = RiskFlag.objects.filter(person_id=person_id).order_by("-created_at")[:_MOST]
    found = []
    for row in rows:
        label = str(Level(row.level).label)
        found.append(Event(row.created_at, str(_("flag")), kind_name(row.kind), "", row.level, label, row.pk))
        if row.disputed_at:
            what = str(_("the person says it was not meant so"))
            found.append(Event(row.disputed_at, what, kind_name(row.kind), flag_id=row.pk))
    return found


def _alerts(person_id: UUID) -> list[Event]:
    found = []
    rows = Alert.objects.filter(session__person_id=person_id).select_related("acknowledged_by").order_by("-created_at")
    for row in rows[:_MOST]:
        if row.acknowledged_at:
            name = _name(row.acknowledged_by)
            what = str(_("alert taken"))
            found.append(Event(row.acknowledged_at, what, kind_name(row.kind), name, flag_id=row.flag_id))
    return found


def _reviews(person_id: UUID) -> list[Event]:
    found = []
    rows = Review.objects.filter(flag__person_id=person_id).select_related("reviewer", "second_look__reviewer")
    for row in rows.order_by("-created_at")[:_MOST]:
        level = row.level_given
        label = str(Level(level).label) if level is not None else ""
        detail = f"{row.get_outcome_display()} · {row.get_action_display()}"
        what = str(_("decision"))
        found.append(Event(row.created_at, what, detail, _name(row.reviewer), level, label, row.flag_id))
        look = getattr(row, "second_look", None)
        if look is not None and look.looked_at:
            what = str(_("second look"))
            detail = look.get_state_display()
            found.append(Event(look.looked_at, what, detail, _name(look.reviewer), flag_id=row.flag_id))
    return found


def _lowered(person_id: UUID) -> list[Event]:
    found = []
    for row in RiskLowered.objects.filter(person_id=person_id).select_related("by").order_by("-at")[:_MOST]:
        detail = f"{row.get_from_level_display()} → {row.get_to_level_display()}"
        found.append(Event(row.at, str(_("level lowered")), detail, _name(row.by)))
    return found


def _arrangements(person_id: UUID) -> list[Event]:
    found = []
    for row in Assignment.objects.filter(person_id=person_id).select_related("counsellor", "assigned_by"):
        what = str(_("case goes to {name}")).format(name=_name(row.counsellor))
        found.append(Event(row.begun_at, what, "", _name(row.assigned_by)))
        if row.ended_at:
            what = str(_("case leaves {name}")).format(name=_name(row.counsellor))
            found.append(Event(row.ended_at, what, ""))
    done = FollowUp.objects.filter(person_id=person_id, done_at__isnull=False).select_related("done_by")
    for task in done:
        if task.done_at:
            found.append(Event(task.done_at, str(_("task done")), task.get_what_display(), _name(task.done_by)))
    return found


def _name(user: Any) -> str:
    return user.username if user else ""


def sessions(person_id: UUID, user: User) -> list[SessionLine]:
    """Conversations with their flags, newest first, and whether a reason alone opens them to this counsellor."""
    rows = (
        ChatSession.objects.filter(person_id=person_id)
        .annotate(highest=Max("risk_flags__level"), flags=Count("risk_flags"))
        .order_by("-last_message_at")
    )
    return [
        SessionLine(row, row.flags, row.highest or 0, str(Level(row.highest or 0).label), reading.may_read(user, row))
        for row in rows
    ]
