"""Weekly stretches laid out as moments: pure arithmetic of time zones, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

AHEAD = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of every week on the clock of one time zone; `ends` at or before `starts` means the next day."""

    weekday: int
    starts: time
    ends: time
    time_zone: str


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From a moment (included) to a moment (excluded)."""

    begins: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies within."""
        return self.begins <= moment < self.ends


def spans(stretch: Stretch, now: datetime) -> Iterator[Span]:
    """The spans that are running at `now` or begin within eight days after it, in order.

    Clock times are those of the wall: a night in which the clocks change is an hour longer or shorter.
    """
    zone = zone_of(stretch.time_zone)
    today = now.astimezone(zone).date()
    for ahead in range(-1, AHEAD.days + 1):
        day = today + timedelta(days=ahead)
        if day.weekday() != stretch.weekday:
            continue
        last = day if stretch.ends > stretch.starts else day + timedelta(days=1)
        span = Span(datetime.combine(day, stretch.starts, zone), datetime.combine(last, stretch.ends, zone))
        if span.ends > now and span.begins <= now + AHEAD:
            yield span


def zone_of(name: str) -> ZoneInfo:
    """A time zone by name; UTC where no clock knows it, because one bad row must not silence the rota."""
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return ZoneInfo("UTC")


def running(stretches: Iterable[Stretch], now: datetime) -> list[Span]:
    """The spans that hold `now`."""
    return [span for stretch in stretches for span in spans(stretch, now) if span.holds(now)]


def coming(stretches: Iterable[Stretch], now: datetime) -> list[Span]:
    """Spans that run now or come within eight days, by their beginning."""
    return sorted(span for stretch in stretches for span in spans(stretch, now))


def overlap(one: Span, other: Span) -> Span | None:
    """What two spans share; None where they only touch or are apart."""
    begins, ends = max(one.begins, other.begins), min(one.ends, other.ends)
    return Span(begins, ends) if begins < ends else None
