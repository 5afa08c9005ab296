"""Writes of observations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts import crypto, keys
from accounts.models import Consent
from accounts.services import decide_consent
from therapy.observations.models import FeelingsPicture, Observation
from therapy.observations.selectors import binding, may_read_emotion


def record(
    *,
    person_id: UUID,
    kind: str,
    payload: Mapping[str, object],
    source: str,
    message_id: UUID | None = None,
    at: datetime | None = None,
) -> Observation | None:
    """Seal and store one measurement; None for an emotion that the person no longer allows to be read.

    Reading takes a while, and they may say no while a reply is being written.
    """
    if kind == "emotion" and not may_read_emotion(person_id):
        return None
    row = Observation(
        id=uuid4(), person_id=person_id, kind=kind, source=source, message_id=message_id, at=at or timezone.now()
    )
    row.payload_sealed = keys.seal_text(json.dumps(dict(payload)), binding(row), person_id)
    row.save(force_insert=True)
    return row


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement of many. An `id` made of what it is makes a repetition harmless."""

    id: UUID
    kind: str
    at: datetime
    source: str
    payload: Mapping[str, object]


@transaction.atomic
def record_many(*, person_id: UUID, measurements: Sequence[Measurement]) -> set[UUID]:
    """Seal and store many measurements with one key and few queries; returns the ids that were not there before."""
    wanted = {one.id: one for one in measurements}
    known = set(Observation.objects.filter(pk__in=list(wanted)).values_list("pk", flat=True))
    key = keys.data_key(person_id)
    rows = []
    for one in wanted.values():
        if one.id in known:
            continue
        row = Observation(id=one.id, person_id=person_id, kind=one.kind, at=one.at, source=one.source)
        text = json.dumps(dict(one.payload), separators=(",", ":"))
        row.payload_sealed = crypto.seal(key, text.encode(), binding(row).associated_data())
        rows.append(row)
    Observation.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return set(wanted) - known


def forget(*, person_id: UUID, kinds: Sequence[str]) -> int:
    """Delete every measurement of some kinds. Returns how many went."""
    return Observation.objects.filter(person_id=person_id, kind__in=list(kinds)).delete()[0]


def withdraw(*, person_id: UUID, observation_ids: Sequence[UUID]) -> int:
    """Take measurements back, because what they came from was changed or deleted; returns how many there were."""
    return Observation.objects.filter(person_id=person_id, pk__in=observation_ids).delete()[0]


def hide_picture(*, person_id: UUID, is_hidden: bool) -> None:
    """Put the picture of one's feelings away, or bring it back. Reading goes on as allowed."""
    FeelingsPicture.objects.update_or_create(person_id=person_id, defaults={"is_hidden": is_hidden})


@transaction.atomic
def stop_reading_emotion(*, person_id: UUID, forget: bool) -> int:
    """Withdraw the consent; with `forget`, also delete what was read so far. Returns how many readings went."""
    decide_consent(person_id=person_id, purpose=Consent.Purpose.EMOTION_READING, granted=False)
    if not forget:
        return 0
    return Observation.objects.filter(person_id=person_id, kind="emotion").delete()[0]
