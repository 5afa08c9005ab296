"""Who is on call when: shifts over midnight, time zones, clock changes, languages, opening hours, being away."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Credential, User
from tests.oncall.conftest import Rota
from therapy.oncall import rota, selectors, services
from therapy.oncall.models import OpeningHours, Shift

# A Monday.
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def certified(carol: User, dan: User) -> None:
    """Their certificates held on that Monday, whatever day it is while the tests run."""
    month = timedelta(days=30)
    Credential.objects.update(valid_from=NOON.date() - month, valid_until=NOON.date() + month, verified_at=NOON - month)


def test_a_shift_runs_from_its_start_up_to_its_end(put_on: Rota, carol: User) -> None:
    put_on(carol, weekdays=(0,), starts=time(9), ends=time(17))
    for moment, is_on in [(9, True), (16, True), (17, False), (8, False)]:
        assert (selectors.on_call(now=NOON.replace(hour=moment)) == [carol]) is is_on
    assert selectors.on_call(now=NOON + timedelta(days=1)) == []


def test_a_night_shift_ends_the_next_day(put_on: Rota, carol: User) -> None:
    put_on(carol, weekdays=(6,), starts=time(22), ends=time(6))
    assert selectors.on_call(now=datetime(2026, 11, 23, 5, 59, tzinfo=UTC)) == [carol]
    assert selectors.on_call(now=datetime(2026, 11, 23, 6, tzinfo=UTC)) == []


def test_shifts_are_on_the_clock_of_the_responder(put_on: Rota, carol: User) -> None:
    put_on(carol, weekdays=(0,), starts=time(9), ends=time(10), time_zone="Asia/Shanghai")
    assert selectors.on_call(now=datetime(2026, 11, 23, 1, 30, tzinfo=UTC)) == [carol]
    assert selectors.on_call(now=datetime(2026, 11, 23, 9, 30, tzinfo=UTC)) == []


def test_the_night_the_clocks_change_is_longer() -> None:
    stretch = rota.Stretch(5, time(22), time(6), "Europe/Berlin")
    (night,) = [span for span in rota.spans(stretch, datetime(2026, 10, 24, 19, tzinfo=UTC)) if span.begins.day == 24]
    assert night.ends.astimezone(UTC) - night.begins.astimezone(UTC) == timedelta(hours=9)


def test_availability_tells_when_somebody_comes_next(put_on: Rota, carol: User) -> None:
    put_on(carol, weekdays=(0, 2), starts=time(14), ends=time(16))
    now = selectors.availability(now=NOON)
    assert (now.is_anyone_on, now.next_opening) == (False, NOON.replace(hour=14))
    later = selectors.availability(now=NOON.replace(hour=15))
    assert (later.is_anyone_on, later.next_opening, later.expected_wait) == (True, None, None)


def test_nobody_at_all_promises_nothing(db: None) -> None:
    assert selectors.availability(language="en", now=NOON) == selectors.Availability(False, None, None)


def test_language_counts_for_people_who_ask_but_somebody_is_better_than_nobody(
    put_on: Rota, carol: User, dan: User
) -> None:
    put_on(carol, languages=("en",))
    put_on(dan, languages=("zh",), weekdays=(2,))
    assert not selectors.availability(language="zh-hans", now=NOON).is_anyone_on
    assert selectors.availability(language="zh-hans", now=NOON).next_opening == datetime(2026, 11, 25, tzinfo=UTC)
    assert selectors.on_call(language="zh", now=NOON) == [carol]
    assert selectors.on_call(language="zh", now=NOON + timedelta(days=2)) == [dan, carol]


def test_opening_hours_bound_what_is_promised_and_not_who_is_on(put_on: Rota, carol: User) -> None:
    put_on(carol)
    OpeningHours.objects.create(weekday=0, opens=time(18), closes=time(20), time_zone="Europe/Berlin")
    found = selectors.availability(now=NOON)
    assert (found.is_anyone_on, found.next_opening) == (False, NOON.replace(hour=17))
    assert selectors.availability(now=NOON.replace(hour=18)).is_anyone_on
    assert selectors.on_call(now=NOON) == [carol]


def test_going_offline_lasts_until_the_shift_ends(put_on: Rota, carol: User) -> None:
    put_on(carol, starts=time(8), ends=time(16))
    assert services.go_offline(user=carol, now=NOON) == NOON.replace(hour=16)
    assert selectors.on_call(now=NOON) == []
    found = selectors.availability(now=NOON)
    assert (found.is_anyone_on, found.next_opening) == (False, NOON.replace(day=24, hour=8))
    services.come_back(user=carol)
    assert selectors.on_call(now=NOON) == [carol]


def test_somebody_on_call_day_and_night_is_away_for_a_day_at_most(put_on: Rota, carol: User) -> None:
    put_on(carol)
    assert services.go_offline(user=carol, now=NOON) <= NOON + timedelta(hours=24)


def test_those_who_left_are_not_on_call(put_on: Rota, carol: User) -> None:
    put_on(carol)
    User.objects.filter(pk=carol.pk).update(is_active=False)
    assert selectors.on_call(now=NOON) == []


@pytest.mark.parametrize("line", list(Shift.Line))
def test_lines_are_apart(put_on: Rota, carol: User, line: str) -> None:
    put_on(carol, line=Shift.Line.SECOND)
    assert selectors.on_call(line=line, now=NOON) == ([carol] if line == Shift.Line.SECOND else [])
