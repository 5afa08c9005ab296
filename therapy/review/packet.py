"""The handoff packet: what a counsellor needs before the first word, on one screen. Built for one view, never stored.

The caller has written the reading down. Only counts, the person's own words with their place, and rows of ours: nothing
here is written by a model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language

from accounts.models import User
from accounts.selectors import open_profile
from therapy.care import selectors as care
from therapy.care.forms import PARTS
from therapy.care.plan import Contact
from therapy.care.selectors import CallbackView
from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import MessageView
from therapy.plans.models import Plan
from therapy.plans.selectors import open_plan
from therapy.progress.shared import ScoreLine, score_lines
from therapy.review.facts import FactFound, facts_of
from therapy.review.kinds import kind_name
from therapy.review.models import Assignment, CaseTag, FollowUp
from therapy.review.transcript import Row
from therapy.safety import selectors as safety
from therapy.safety.models import Alert, Level, RiskFlag

_LAST_REPLIES = 3
_REPLY_LENGTH = 280
_ALERTS = 6


@dataclass(frozen=True, slots=True)
class Course:
    """The conversation in figures. `turned_at`: the first message of the highest level."""

    messages: int
    minutes: int
    begun_at: datetime
    last_at: datetime
    levels: tuple[tuple[int, str], ...]
    kinds: tuple[str, ...]
    feelings: tuple[str, ...]
    turned_at: MessageView | None


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything of the packet. `contact` and `safety_plan` are shown from high on only, as people were promised."""

    course: Course | None
    facts: tuple[FactFound, ...]
    person_level: Level
    plan_state: str
    plan_steps: tuple[str, ...]
    said: tuple[tuple[int, str], ...]
    contact: str
    safety_plan: tuple[tuple[str, tuple[str, ...]], ...]
    callback: CallbackView | None
    alerts: tuple[Alert, ...]
    flags_before: int
    counsellor: User | None
    tags: tuple[str, ...]
    tasks: tuple[FollowUp, ...]
    # None where the person does not show them.
    scores: tuple[ScoreLine, ...] | None


def packet(session: ChatSession, views: Sequence[MessageView], rows: Sequence[Row], *, level: int) -> Packet:
    """The packet of one opened conversation; `level` is that of the flag it was opened for."""
    person_id = session.person_id
    plan = Plan.objects.filter(person_id=person_id, state__in=[Plan.State.DRAFT, Plan.State.ACTIVE]).first()
    opened = open_plan(plan) if plan else None
    assignment = Assignment.objects.filter(person_id=person_id, ended_at=None).select_related("counsellor").first()
    alerts = Alert.objects.filter(session__person_id=person_id).select_related("acknowledged_by")
    return Packet(
        course=_course(views, rows),
        facts=tuple(facts_of(views, frozenset(row.id for row in rows if row.flag))),
        person_level=Level(safety.effective_level(person_id)),
        plan_state=plan.get_state_display() if plan else "",
        plan_steps=tuple(item.title for item in opened.items[:5]) if opened else (),
        said=_last_replies(views),
        contact=open_profile(person_id).emergency_contact if level >= Level.HIGH else "",
        safety_plan=_safety_plan(person_id) if level >= Level.HIGH else (),
        callback=_waiting_call(person_id),
        alerts=tuple(alerts.order_by("-created_at")[:_ALERTS]),
        flags_before=RiskFlag.objects.filter(person_id=person_id).exclude(session=session).count(),
        counsellor=assignment.counsellor if assignment else None,
        tags=tuple(row.get_tag_display() for row in CaseTag.objects.filter(person_id=person_id).order_by("tag")),
        tasks=tuple(FollowUp.objects.filter(person_id=person_id, done_at=None).order_by("due_on")[:5]),
        scores=score_lines(person_id, get_language() or "en"),
    )


def _course(views: Sequence[MessageView], rows: Sequence[Row]) -> Course | None:
    mine = [view for view in views if view.role == Message.Role.USER]
    if not mine:
        return None
    highest = max(view.risk_level for view in mine)
    kinds = Counter(kind_name(view.risk_kind) for view in mine if view.risk_level >= Level.LOW and view.risk_kind)
    feelings = Counter(row.emotion.label for row in rows if row.emotion and row.emotion.label)
    return Course(
        messages=len(mine),
        minutes=round((mine[-1].created_at - mine[0].created_at).total_seconds() / 60),
        begun_at=mine[0].created_at,
        last_at=mine[-1].created_at,
        levels=tuple(_steps([view.risk_level for view in mine])),
        kinds=tuple(name for name, _count in kinds.most_common(4)),
        feelings=tuple(name for name, _count in feelings.most_common(3)),
        turned_at=next(view for view in mine if view.risk_level == highest) if highest else None,
    )


def _safety_plan(person_id: UUID) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The steps the person wrote for their own hard hours, each with its lines; empty ones are left out."""
    words = care.open_plan(person_id).words
    steps = ((str(part.title), tuple(_line(value) for value in getattr(words, part.name))) for part in PARTS)
    return tuple((title, lines) for title, lines in steps if lines)


def _line(value: str | Contact) -> str:
    return f"{value.name} {value.phone}".strip() if isinstance(value, Contact) else value


def _waiting_call(person_id: UUID) -> CallbackView | None:
    """The call the person asked for, until its alert is closed."""
    found = care.callback_of(person_id)
    return None if found is None or found.is_over else found


def _steps(levels: Sequence[int]) -> list[tuple[int, str]]:
    """The course of the level, equal neighbours as one."""
    course: list[tuple[int, str]] = []
    for level in levels:
        if not course or course[-1][0] != level:
            course.append((level, str(Level(level).label)))
    return course[-6:]


def _last_replies(views: Sequence[MessageView]) -> tuple[tuple[int, str], ...]:
    replies = [view for view in views if view.role == Message.Role.ASSISTANT][-_LAST_REPLIES:]
    return tuple(
        (view.seq, view.text[:_REPLY_LENGTH] + ("…" if len(view.text) > _REPLY_LENGTH else "")) for view in replies
    )
