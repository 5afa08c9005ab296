"""Reads of the journal: entries by day, days as numbers, the activities a person uses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from statistics import fmean
from uuid import UUID

from django.db.models import QuerySet

from accounts import crypto, keys
from accounts.crypto import Binding
from therapy.journal.models import Entry
from therapy.journal.readings import Reading, from_json
from therapy.journal.steps import ENERGY, PLEASANT, SLEEP, STIRRED, activity_name, hours_name, word_name

DAYS_ON_PAGE = 14


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry, opened."""

    id: UUID
    at: datetime
    day: date
    reading: Reading
    edited_at: datetime | None
    source: str

    @property
    def words(self) -> list[str]:
        """Mood words in the active language."""
        return [word_name(key) for key in self.reading.words]

    @property
    def activities(self) -> list[str]:
        """Activities in the active language."""
        return [activity_name(tag) for tag in self.reading.activities]

    @property
    def mood(self) -> str:
        """Mood in words."""
        return _joined(PLEASANT.get(self.reading.valence), STIRRED.get(self.reading.arousal))

    @property
    def sleep(self) -> str:
        """Hours and quality of sleep in words."""
        hours = "" if self.reading.sleep_hours is None else hours_name(self.reading.sleep_hours)
        return _joined(hours, SLEEP.get(self.reading.sleep_quality))

    @property
    def energy(self) -> str:
        """Energy in words."""
        return str(ENERGY.get(self.reading.energy, ""))


def _joined(*names: object) -> str:
    return " · ".join(str(name) for name in names if name)


@dataclass(frozen=True, slots=True)
class DayView:
    """One day with its entries, newest first."""

    day: date
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """One day in numbers: means of what can be averaged, the last word on sleep, every activity."""

    day: date
    valence: float | None
    arousal: float | None
    energy: float | None
    sleep_hours: float | None
    sleep_quality: int | None
    activities: frozenset[str]


def reading_binding(row: Entry) -> Binding:
    """Where a sealed reading belongs."""
    return Binding("journal_entry", "reading_sealed", row.pk, row.person_id)


def text_binding(row: Entry) -> Binding:
    """Where a sealed text belongs."""
    return Binding("journal_entry", "text_sealed", row.pk, row.person_id)


def open_entry(row: Entry) -> EntryView:
    """An entry with its words."""
    values = json.loads(keys.unseal_text(row.reading_sealed, reading_binding(row), row.person_id))
    text = keys.unseal_text(row.text_sealed, text_binding(row), row.person_id)
    return EntryView(row.pk, row.at, row.day, from_json(values, text), row.edited_at, row.source)


def entry_of(person_id: UUID, entry_id: UUID) -> EntryView | None:
    """One entry, only if it is this person's."""
    row = Entry.objects.filter(pk=entry_id, person_id=person_id).first()
    return open_entry(row) if row else None


def all_entries(person_id: UUID) -> list[EntryView]:
    """Every entry, oldest first."""
    return [open_entry(row) for row in Entry.objects.filter(person_id=person_id).order_by("at")]


def page_of_days(person_id: UUID, *, before: date | None = None) -> tuple[list[DayView], date | None]:
    """The newest days that have entries, before a date if given, and the date to go on from (None at the end)."""
    rows = Entry.objects.filter(person_id=person_id)
    if before is not None:
        rows = rows.filter(day__lt=before)
    days = list(rows.order_by("-day").values_list("day", flat=True).distinct()[: DAYS_ON_PAGE + 1])
    shown = days[:DAYS_ON_PAGE]
    found = rows.filter(day__in=shown).order_by("-day", "-at")
    views = [
        DayView(day, tuple(open_entry(row) for row in group)) for day, group in groupby(found, key=lambda row: row.day)
    ]
    return views, shown[-1] if len(days) > DAYS_ON_PAGE else None


def has_entry(person_id: UUID, day: date) -> bool:
    """Whether anything was written on a day."""
    return Entry.objects.filter(person_id=person_id, day=day).exists()


def day_numbers(person_id: UUID, *, since: date | None = None) -> list[DayNumbers]:
    """Every day with entries in numbers, oldest first. Opens the readings only, never the texts."""
    rows = Entry.objects.filter(person_id=person_id).order_by("day", "at")
    if since is not None:
        rows = rows.filter(day__gte=since)
    opened = _open_readings(rows, person_id)
    return [_numbers(day, [reading for _day, reading in group]) for day, group in groupby(opened, key=itemgetter(0))]


def _open_readings(rows: QuerySet[Entry], person_id: UUID) -> list[tuple[date, Reading]]:
    """Days and readings of many rows, opened with one key."""
    key = keys.data_key(person_id)
    found = []
    for pk, day, sealed in rows.values_list("pk", "day", "reading_sealed"):
        place = Binding("journal_entry", "reading_sealed", pk, person_id).associated_data()
        found.append((day, from_json(json.loads(crypto.unseal(key, bytes(sealed), place)))))
    return found


def _numbers(day: date, readings: Sequence[Reading]) -> DayNumbers:
    return DayNumbers(
        day=day,
        valence=_mean(one.valence for one in readings),
        arousal=_mean(one.arousal for one in readings),
        energy=_mean(one.energy for one in readings),
        sleep_hours=next((one.sleep_hours for one in reversed(readings) if one.sleep_hours is not None), None),
        sleep_quality=next((one.sleep_quality for one in reversed(readings) if one.sleep_quality is not None), None),
        activities=frozenset(tag for one in readings for tag in one.activities),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def own_activities(person_id: UUID, *, entries: int = 100, most: int = 8) -> list[str]:
    """Activities in the person's own words, the most used of the last entries first."""
    rows = Entry.objects.filter(person_id=person_id).order_by("-at")[:entries]
    used: Counter[str] = Counter()
    for _day, reading in _open_readings(rows, person_id):
        used.update(reading.own_activities)
    return [tag for tag, _count in used.most_common(most)]


def has_sleep(person_id: UUID, day: date) -> bool:
    """Whether sleep was told on a day: it is asked once."""
    rows = Entry.objects.filter(person_id=person_id, day=day)
    return any(reading.sleep_hours is not None for _day, reading in _open_readings(rows, person_id))
