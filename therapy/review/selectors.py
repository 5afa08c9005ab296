"""Reads of the desk: what waits, who may see what, earlier decisions. Transcripts are built in `transcript.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from accounts import keys
from accounts.models import Access, User
from accounts.selectors import access_binding
from therapy.chat.models import ChatSession
from therapy.review.bindings import desk_note_binding, note_binding
from therapy.review.kinds import kind_name
from therapy.review.models import Note, Review, SecondLook
from therapy.safety import drills
from therapy.safety import selectors as safety
from therapy.safety.models import Alert, Level, RiskFlag

# One reading is open this long; after it a new reason is asked (SE-05).
READING_LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class DeskAlert:
    """An alert nobody has taken yet, as the banner shows it."""

    id: UUID
    flag_id: UUID
    level: int
    level_name: str
    kind: str
    age_seconds: int
    status: str


@dataclass(frozen=True, slots=True)
class LevelCount:
    """Open flags of one level and the age of the oldest."""

    level: int
    label: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """The last seven days: how many, how true, how fast. `to_take` is the median wait of taken alerts."""

    flags: int
    alerts: int
    reviewed: int
    false_alarms: int
    to_take: timedelta | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One decision, its note opened."""

    at: datetime
    reviewer: str
    outcome: str
    action: str
    note: str
    level: str
    contact: str
    false_reason: str
    follow_up_on: date | None
    second_look: SecondLook | None


def desk_alerts(*, limit: int = 20) -> list[DeskAlert]:
    """Alerts to show on every admin page, the most severe and oldest first."""
    now = timezone.now()
    return [
        DeskAlert(
            id=alert.pk,
            flag_id=alert.flag_id,
            level=alert.level,
            level_name=str(Level(alert.level).label),
            kind=kind_name(alert.kind),
            age_seconds=int((now - alert.created_at).total_seconds()),
            status=str(alert.get_status_display()),
        )
        for alert in safety.open_alerts()[:limit]
    ]


def open_counts() -> list[LevelCount]:
    """Open flags by level, the highest first; levels without any are listed with zero."""
    rows = (
        RiskFlag.objects.filter(state=RiskFlag.State.OPEN)
        .exclude(person_id=drills.PERSON_ID)
        .values("level")
        .annotate(count=Count("pk"), oldest=Min("created_at"))
    )
    found = {row["level"]: (row["count"], row["oldest"]) for row in rows}
    shown = (Level.IMMINENT, Level.HIGH, Level.MODERATE)
    return [LevelCount(level, str(level.label), *found.get(level, (0, None))) for level in shown]


def week_figures() -> WeekFigures:
    """Figures of the last seven days; no names, no words."""
    since = timezone.now() - timedelta(days=7)
    alerts = Alert.objects.filter(created_at__gte=since).exclude(session__person_id=drills.PERSON_ID)
    waits = sorted(
        taken - made
        for made, taken in alerts.filter(acknowledged_at__isnull=False).values_list("created_at", "acknowledged_at")
        if taken is not None
    )
    reviews = Review.objects.filter(created_at__gte=since).aggregate(
        all=Count("pk"), false=Count("pk", filter=Q(outcome=Review.Outcome.FALSE_ALARM))
    )
    return WeekFigures(
        flags=RiskFlag.objects.filter(created_at__gte=since).exclude(person_id=drills.PERSON_ID).count(),
        alerts=alerts.count(),
        reviewed=reviews["all"],
        false_alarms=reviews["false"],
        to_take=waits[len(waits) // 2] if waits else None,
    )


def reading(*, access_id: UUID, user: User, session_id: UUID) -> Access | None:
    """The reading a counsellor has opened, while it lasts; None for anybody else's, another session's or an old one."""
    return Access.objects.filter(
        pk=access_id,
        actor=user,
        what=Access.What.TRANSCRIPT,
        object_id=session_id,
        at__gt=timezone.now() - READING_LASTS,
    ).first()


def reviews_of(flag: RiskFlag) -> list[ReviewView]:
    """Decisions about a flag, newest first. The caller has logged the reading: notes are opened."""
    return [
        ReviewView(
            at=row.created_at,
            reviewer=row.reviewer.username if row.reviewer else "",
            outcome=row.get_outcome_display(),
            action=row.get_action_display(),
            note=keys.unseal_text(row.note_sealed, note_binding(row, flag.person_id), flag.person_id),
            level=str(Level(row.level_given).label) if row.level_given is not None else "",
            contact=row.get_contact_display(),
            false_reason=row.get_false_reason_display() if row.false_reason else "",
            follow_up_on=row.follow_up_on,
            second_look=getattr(row, "second_look", None),
        )
        for row in flag.reviews.select_related("reviewer", "second_look").order_by("-created_at")
    ]


@dataclass(frozen=True, slots=True)
class NoteView:
    """A working note, opened."""

    at: datetime
    author: str
    text: str


def notes_about(person_id: UUID) -> list[NoteView]:
    """Working notes about a person, newest first: words of colleagues, for those who have to do with the case."""
    return [
        NoteView(
            at=row.created_at,
            author=row.author.username if row.author else "",
            text=keys.unseal_text(row.text_sealed, desk_note_binding(row), person_id),
        )
        for row in Note.objects.filter(person_id=person_id).select_related("author").order_by("-created_at")
    ]


def latest_reading(user: User, session_id: UUID) -> Access | None:
    """A reading of one's own that still lasts; None where none does."""
    since = timezone.now() - READING_LASTS
    mine = Access.objects.filter(actor=user, what=Access.What.TRANSCRIPT, object_id=session_id, at__gt=since)
    return mine.order_by("-at").first()


def reason_of(access: Access) -> str:
    """The reason somebody gave for a reading: a colleague's words, not the person's."""
    return keys.unseal_text(access.reason_sealed, access_binding(access), access.person_id)


def highest_level(session: ChatSession) -> int:
    """The highest level flagged in a conversation."""
    return RiskFlag.objects.filter(session=session).aggregate(highest=Max("level"))["highest"] or 0
