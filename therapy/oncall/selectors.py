"""Reads of the rota: who is on call, whether a person can be told that somebody is there, and when next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.selectors import may_be_on_call
from therapy.oncall import rota
from therapy.oncall.models import Drill, OpeningHours, Shift
from therapy.safety.models import Alert

# The wait that is promised to people is read from the alerts of this time, and only from so many of them.
WAITS_OF = timedelta(days=30)
FEWEST_WAITS = 5


@dataclass(frozen=True, slots=True)
class Availability:
    """What a person may be told honestly before they ask for somebody.

    `next_opening` is set only where nobody is on now; `expected_wait` only where there is enough to judge it by.
    """

    is_anyone_on: bool
    next_opening: datetime | None
    expected_wait: timedelta | None


def availability(*, language: str = "", now: datetime | None = None) -> Availability:
    """Whether somebody who speaks the language is on call within opening hours, else when next."""
    moment = now or timezone.now()
    shared = _open_spans(_with_language(_shifts(moment), language), moment)
    if any(span.holds(moment) for span in shared):
        return Availability(True, None, expected_wait(now=moment))
    return Availability(False, min((span.begins for span in shared if span.begins > moment), default=None), None)


def on_call(
    *, line: str = "", language: str = "", now: datetime | None = None, only_speaking: bool = False
) -> list[User]:
    """Who is on call now, on one line or on any; those who speak the language first (or only they), nobody twice."""
    moment = now or timezone.now()
    shifts = [shift for shift in _shifts(moment) if not line or shift.line == line]
    present = [shift for shift in shifts if _is_on(shift, moment)]
    speaking = _with_language(present, language)
    shown = speaking if only_speaking else [*speaking, *present]
    return list(dict.fromkeys(shift.responder.user for shift in shown))


def expected_wait(*, now: datetime | None = None) -> timedelta | None:
    """How long three of four alerts of the last 30 days waited until somebody took them, in whole minutes."""
    since = (now or timezone.now()) - WAITS_OF
    rows = Alert.objects.filter(created_at__gte=since, acknowledged_at__isnull=False)
    waits = sorted(taken - made for made, taken in rows.values_list("created_at", "acknowledged_at") if taken)
    if len(waits) < FEWEST_WAITS:
        return None
    typical = waits[min(len(waits) - 1, math.ceil(len(waits) * 0.75) - 1)]
    return timedelta(minutes=max(1, math.ceil(typical.total_seconds() / 60)))


def _shifts(moment: datetime) -> list[Shift]:
    """Shifts of those who may take alerts."""
    shifts = list(Shift.objects.select_related("responder__user").order_by("pk"))
    users = {shift.responder.user for shift in shifts}
    allowed = {user for user in users if user.is_counselling_staff and may_be_on_call(user, moment)}
    return [shift for shift in shifts if shift.responder.user in allowed]


def _with_language(shifts: Iterable[Shift], language: str) -> list[Shift]:
    return [shift for shift in shifts if not language or language[:2] in shift.responder.languages]


def stretch_of(shift: Shift) -> rota.Stretch:
    """The shift on the clock of its responder."""
    return rota.Stretch(shift.weekday, shift.starts, shift.ends, shift.responder.time_zone)


def _is_on(shift: Shift, moment: datetime) -> bool:
    away = shift.responder.away_until
    return (away is None or away <= moment) and bool(rota.running([stretch_of(shift)], moment))


def _open_spans(shifts: Iterable[Shift], moment: datetime) -> list[rota.Span]:
    """Spans in which one of these shifts is on call and the service is open."""
    on = [span for shift in shifts for span in _present_spans(shift, moment)]
    hours = [rota.Stretch(row.weekday, row.opens, row.closes, row.time_zone) for row in OpeningHours.objects.all()]
    if not hours:
        return on
    opened = rota.coming(hours, moment)
    return [shared for span in on for open_ in opened if (shared := rota.overlap(span, open_))]


def _present_spans(shift: Shift, moment: datetime) -> list[rota.Span]:
    """The spans of a shift without the time in which its responder is away."""
    away = shift.responder.away_until
    found = rota.coming([stretch_of(shift)], moment)
    if away is None:
        return found
    return [rota.Span(max(span.begins, away), span.ends) for span in found if span.ends > away]


# A drill that runs daily is late after this; one that began and did not end within that has failed.
DRILL_LATE = timedelta(hours=26)
DRILL_LONGEST = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class DrillView:
    """The last drill as the home page shows it. `state`: passed, failed, running, late or never."""

    state: str
    began_at: datetime | None
    failed: tuple[dict[str, str], ...]
    steps: tuple[dict[str, str], ...]

    @property
    def is_red(self) -> bool:
        """Whether somebody has to look at it."""
        return self.state in ("failed", "late")


def last_drill(*, now: datetime | None = None) -> DrillView:
    """How the last drill went, or that there was none in time."""
    moment = now or timezone.now()
    row = Drill.objects.order_by("-began_at").first()
    if row is None:
        return DrillView("never", None, (), ())
    steps = tuple(row.steps)
    failed = tuple(step for step in steps if not step["is_ok"])
    state = str(row.state)
    if row.state == Drill.State.RUNNING and moment - row.began_at > DRILL_LONGEST:
        state, failed = "failed", ({"name": "delivery", "detail": "the program that delivers does not run"}, *failed)
    elif row.state == Drill.State.PASSED and moment - row.began_at > DRILL_LATE:
        state = "late"
    return DrillView(state, row.began_at, failed, steps)
