"""Clock time of a person as a moment, on days when clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from accounts.middleware import zone_of
from accounts.selectors import profile_of


def zone_for(person_id: object) -> ZoneInfo:
    """The person's time zone."""
    return zone_of(profile_of(person_id).time_zone)  # type: ignore[arg-type]


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of `zone` show `wall`.

    An hour that comes twice means its first time; one that is left out in spring means as long after midnight.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The date where the person is."""
    return at.astimezone(zone).date()
