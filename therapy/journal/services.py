"""Writes of the journal: an entry, its change, its end, an import. Words are read for danger like a message (CR-01)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import crypto, keys
from accounts.models import Consent, User
from accounts.selectors import has_consented, profile_of
from ml.types import Language, RiskAssessment
from therapy.core.errors import ApplicationError
from therapy.journal import moments
from therapy.journal.models import Entry
from therapy.journal.readings import Reading
from therapy.journal.selectors import open_entry, reading_binding, text_binding
from therapy.observations import services as observations
from therapy.observations.services import Measurement
from therapy.safety import elsewhere
from therapy.safety.elsewhere import Brought

# A clock may be a little ahead of ours.
AHEAD = timedelta(minutes=5)
OLDEST = datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())
# Words of an import are read for danger as far as they speak of now.
RECENT = timedelta(days=3)
MOST_BROUGHT = 5
# What an entry tells `observations`, each under an id made of the entry's, so that it can be taken back.
KINDS = ("mood", "sleep", "energy", "activity")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an entry. With `assessment`, its words speak of danger: show help at once."""

    entry_id: UUID
    assessment: RiskAssessment | None = None
    brought: Brought | None = None


def write(*, person_id: UUID, entry_id: UUID, reading: Reading, at: datetime | None = None) -> Written:
    """Keep one moment; the same `entry_id` again is the same entry.

    Raises:
        ApplicationError: what `Reading.checked` raises, future, too_old, taken.
    """
    reading = reading.checked()
    at = _checked_moment(at) if at else timezone.now()
    assessment = elsewhere.look_at(reading.typed, fallback=_language(person_id))
    with transaction.atomic():
        _lock(person_id)
        existing = Entry.objects.filter(pk=entry_id).first()
        if existing is not None and existing.person_id == person_id:
            return Written(entry_id, assessment)
        if existing is not None:
            entry_id = uuid4()
        row = Entry(id=entry_id, person_id=person_id)
        _place(row, at)
        _seal(row, reading, keys.data_key(person_id))
        row.save(force_insert=True)
        _tell(row, reading)
        return Written(row.pk, assessment, _bring(person_id, reading, assessment))


def edit(*, person_id: UUID, entry_id: UUID, reading: Reading, at: datetime | None = None) -> Written:
    """Change an entry, whole; what it told elsewhere is taken back and told anew. Newly typed words are read again.

    Raises:
        ApplicationError: not_found, and what `write` raises.
    """
    reading = reading.checked()
    at = _checked_moment(at) if at else None
    before = Entry.objects.filter(pk=entry_id, person_id=person_id).first()
    if before is None:
        raise ApplicationError("not_found", _("This entry is no longer here."))
    is_new_text = open_entry(before).reading.typed != reading.typed
    assessment = elsewhere.look_at(reading.typed, fallback=_language(person_id)) if is_new_text else None
    with transaction.atomic():
        _lock(person_id)
        row = Entry.objects.select_for_update().filter(pk=entry_id, person_id=person_id).first()
        if row is None:
            raise ApplicationError("not_found", _("This entry is no longer here."))
        if at is not None and at != row.at:
            _place(row, at)
        _seal(row, reading, keys.data_key(person_id))
        row.edited_at = timezone.now()
        row.save()
        _take_back(row)
        _tell(row, reading)
        return Written(row.pk, assessment, _bring(person_id, reading, assessment))


@transaction.atomic
def delete(*, person_id: UUID, entry_id: UUID) -> bool:
    """Delete an entry and what it told elsewhere; False where it was gone already."""
    row = Entry.objects.select_for_update().filter(pk=entry_id, person_id=person_id).first()
    if row is None:
        return False
    _take_back(row)
    row.delete()
    return True


def take_in(*, person_id: UUID, rows: Sequence[tuple[datetime, Reading]]) -> tuple[int, int, Written | None]:
    """Keep many moments, all or none; returns how many were added, how many were there, and the gravest of danger.

    The caller has checked them. A minute that has an entry keeps it.
    """
    looked = [
        (reading, elsewhere.look_at(reading.typed, fallback=_language(person_id)))
        for at, reading in rows
        if at >= timezone.now() - RECENT and reading.typed
    ]
    with transaction.atomic():
        _lock(person_id)
        there = {
            at.replace(second=0, microsecond=0)
            for at in Entry.objects.filter(person_id=person_id).values_list("at", flat=True)
        }
        new = [(at, reading) for at, reading in rows if at.replace(second=0, microsecond=0) not in there]
        _insert(person_id, new)
        dangerous = [(reading, found) for reading, found in looked if found]
        dangerous.sort(key=lambda pair: -pair[1].level)
        brought = [_bring(person_id, reading, found) for reading, found in dangerous[:MOST_BROUGHT]]
    gravest = Written(uuid4(), dangerous[0][1], brought[0]) if dangerous else None
    return len(new), len(rows) - len(new), gravest


def _insert(person_id: UUID, new: Sequence[tuple[datetime, Reading]]) -> None:
    """Many rows with their measurements in a few statements."""
    zone, may_tell, key = moments.zone_for(person_id), _may_tell(person_id), keys.data_key(person_id)
    entries, told = [], []
    for at, reading in new:
        row = Entry(id=uuid4(), person_id=person_id, at=at, day=moments.day_of(at, zone), source=Entry.Source.IMPORT)
        _seal(row, reading, key)
        told.extend(_measurements(row, reading) if may_tell else [])
        entries.append(row)
    Entry.objects.bulk_create(entries, batch_size=500)
    observations.record_many(person_id=person_id, measurements=told)


def _checked_moment(at: datetime) -> datetime:
    if at > timezone.now() + AHEAD:
        raise ApplicationError("future", _("That time is still to come. Please choose one that is over."))
    if at < OLDEST:
        raise ApplicationError("too_old", _("Please choose a time after the year 2000."))
    return at


def _place(row: Entry, at: datetime) -> None:
    """Give an entry its moment, where no other one has it."""
    if Entry.objects.filter(person_id=row.person_id, at=at).exclude(pk=row.pk).exists():
        raise ApplicationError("taken", _("There is an entry at this moment already. Please choose another minute."))
    row.at, row.day = at, moments.day_of(at, moments.zone_for(row.person_id))


def _lock(person_id: UUID) -> None:
    """One change of a person's journal at a time."""
    User.objects.select_for_update(no_key=True).get(pk=person_id)


def _language(person_id: UUID) -> Language:
    return "zh" if profile_of(person_id).language.startswith("zh") else "en"


def _seal(row: Entry, reading: Reading, key: bytes) -> None:
    """Seal with a key that was opened once: an import seals thousands."""
    body, text = json.dumps(reading.as_json(), ensure_ascii=False), reading.text
    row.reading_sealed = crypto.seal(key, body.encode(), reading_binding(row).associated_data())
    row.text_sealed = crypto.seal(key, text.encode(), text_binding(row).associated_data()) if text else None


def _bring(person_id: UUID, reading: Reading, assessment: RiskAssessment | None) -> Brought | None:
    if assessment is None:
        return None
    return elsewhere.bring(person_id=person_id, source="journal", text=reading.typed, assessment=assessment)


def _may_tell(person_id: UUID) -> bool:
    """Whether the numbers may be used for the person's plan and pictures: what they feel is health data."""
    return has_consented(person_id, Consent.Purpose.HEALTH_DATA)


def _tell(row: Entry, reading: Reading) -> None:
    if _may_tell(row.person_id):
        observations.record_many(person_id=row.person_id, measurements=_measurements(row, reading))


def _take_back(row: Entry) -> None:
    observations.withdraw(person_id=row.person_id, observation_ids=[uuid5(row.pk, kind) for kind in KINDS])


def _measurements(row: Entry, reading: Reading) -> list[Measurement]:
    """What an entry tells the rest of the house: numbers, words of the list and activities; never the text."""
    payloads: dict[str, dict[str, object]] = {}
    if reading.valence is not None or reading.arousal is not None or reading.words:
        halved = {"valence": reading.valence, "arousal": reading.arousal}
        payloads["mood"] = {name: value / 2 for name, value in halved.items() if value is not None}
        payloads["mood"]["words"] = list(reading.words)
    if reading.sleep_hours is not None or reading.sleep_quality is not None:
        known = {"hours": reading.sleep_hours, "quality": reading.sleep_quality}
        payloads["sleep"] = {name: value for name, value in known.items() if value is not None}
    if reading.energy is not None:
        payloads["energy"] = {"level": reading.energy}
    if reading.activities:
        payloads["activity"] = {"tags": list(reading.activities)}
    return [Measurement(uuid5(row.pk, kind), kind, row.at, "journal", payload) for kind, payload in payloads.items()]
