"""Writes of signals: switches, batches, self-reports, the ideal. Nothing here can raise an alarm (CR-15)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ml.attention.features import LOADS
from ml.state.filter import AXES
from therapy.core.errors import ApplicationError
from therapy.observations import services as observations
from therapy.observations.services import Measurement
from therapy.signals import belief, reading, selectors, windows
from therapy.signals.belief import Kept
from therapy.signals.kinds import KINDS, observation_kind, of_switch
from therapy.signals.models import PersonState, SignalSwitch, SignalWindow
from therapy.signals.reading import Measured, Refused
from therapy.signals.selectors import StateView
from therapy.signals.switches import SWITCHES, allowed

_NOT_ALLOWED = ApplicationError("not_allowed", _("This is switched off on your page of signals."))


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a batch."""

    accepted: int
    duplicates: int
    refused: tuple[Refused, ...]
    flagged: tuple[Measured, ...]
    gaps: int
    skew: timedelta
    state: StateView


@transaction.atomic
def switch(*, person_id: UUID, kind: str, granted: bool) -> None:
    """Decide about one kind of signal. What was measured before stays until it is deleted.

    Raises:
        ApplicationError: there is no such switch.
    """
    text = SWITCHES.get(kind)
    if text is None:
        raise ApplicationError("unknown_switch", _("There is no such switch."))
    if (kind in allowed(person_id)) != granted:
        SignalSwitch.objects.create(person_id=person_id, kind=kind, text_version=text.version, granted=granted)


def allowed_kinds(person_id: UUID, *, through_device: bool) -> frozenset[str]:
    """Names of the kinds that may be taken in; through a device or a file only with that switch as well."""
    switches = allowed(person_id)
    if through_device and "wearable" not in switches:
        return frozenset()
    return frozenset(kind.name for one in switches for kind in of_switch(one))


@transaction.atomic
def ingest(
    *,
    person_id: UUID,
    rows: Sequence[Any],
    source: str,
    kinds: Collection[str],
    sent_at: datetime | None = None,
    oldest: timedelta = timedelta(days=30),
    at: datetime | None = None,
) -> Report:
    """Take a batch in: what is allowed and possible is stored once, then the state is read anew.

    `source` names the device; `kinds` are those it may send (see `allowed_kinds`).
    """
    now = at or timezone.now()
    row = _locked(person_id)
    read = reading.read(rows, allowed=kinds, now=now, sent_at=sent_at, oldest=oldest)
    ids = {identity(person_id, source, one): one for one in read.kept}
    fresh_ids = observations.record_many(
        person_id=person_id,
        measurements=[
            Measurement(id, observation_kind(one.kind.name), one.at, source, _payload(one)) for id, one in ids.items()
        ],
    )
    fresh = [one for id, one in ids.items() if id in fresh_ids]
    windows.add(person_id, windows.sum_up(one for one in fresh if not one.kind.name.startswith("self_")))
    kept = _with_words(belief.opened(row), fresh)
    state = _renew(row, kept, now)
    return Report(
        accepted=len(fresh),
        duplicates=len(read.kept) - len(fresh),
        refused=read.refused,
        flagged=tuple(one for one in fresh if one.flags),
        gaps=read.gaps,
        skew=read.skew,
        state=state,
    )


def identity(person_id: UUID, source: str, one: Measured) -> UUID:
    """The id of a measurement: the same device, kind and claimed time is the same measurement."""
    text = f"{person_id}\x1f{source}\x1f{one.kind.name}\x1f{one.claimed.isoformat()}"
    return UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest(), version=4)


@transaction.atomic
def report_self(
    *, person_id: UUID, a: float | None = None, e: float | None = None, r: float | None = None
) -> StateView:
    """What a person says of themselves, each in [-1, 1], 0 as usual.

    Raises:
        ApplicationError: they switched this off.
    """
    if "self_report" not in allowed(person_id):
        raise _NOT_ALLOWED
    at = timezone.now().isoformat()
    said = {"self_a": a, "self_e": e, "self_r": r}
    rows = [{"kind": kind, "at": at, "value": float(value)} for kind, value in said.items() if value is not None]
    return ingest(person_id=person_id, rows=rows, source="self", kinds=frozenset(said)).state


@transaction.atomic
def set_ideal(
    *,
    person_id: UUID,
    a: float | None = None,
    e: float | None = None,
    r: float | None = None,
    weighs: Mapping[str, float] | None = None,
) -> StateView:
    """Where a person would like to be, and what tends to weigh on them (0 to 1 by the names in `LOADS`)."""
    row = _locked(person_id)
    kept = belief.opened(row)
    ideal = {
        name: kept.ideal[name] if value is None else _within(value) for name, value in zip(AXES, (a, e, r), strict=True)
    }
    known = {name: min(1.0, max(0.0, value)) for name, value in (weighs or {}).items() if name in LOADS}
    return _renew(row, replace(kept, ideal=ideal, weighs={**kept.weighs, **known}), timezone.now())


@transaction.atomic
def forget(*, person_id: UUID, switch_kind: str | None = None) -> int:
    """Delete what was measured: of one switch, or all with the state read from it. Returns how many rows went."""
    kinds = of_switch(switch_kind) if switch_kind else tuple(KINDS.values())
    row = _locked(person_id)
    count = observations.forget(person_id=person_id, kinds=[observation_kind(kind.name) for kind in kinds])
    # The windows hold sums of several kinds that cannot be told apart again; the state was read from them.
    SignalWindow.objects.filter(person_id=person_id).delete()
    kept = belief.opened(row)
    row.body_sealed = belief.sealed(row, Kept(ideal=kept.ideal, weighs=kept.weighs))
    row.save()
    return count


def _locked(person_id: UUID) -> PersonState:
    """The person's state row, held until the end of the transaction: batches of one person come one after the other."""
    PersonState.objects.get_or_create(person_id=person_id)
    return PersonState.objects.select_for_update().get(person_id=person_id)


def _renew(row: PersonState, kept: Kept, now: datetime) -> StateView:
    if belief.needs_usual(kept, now):
        kept = belief.with_usual(kept, row.person_id, now)
    row.body_sealed = belief.sealed(row, kept)
    row.save()
    return selectors.view_of(kept, selectors.now_of(row.person_id, kept, now))


def _with_words(kept: Kept, fresh: Sequence[Measured]) -> Kept:
    """What the person said of themselves, in the order they said it."""
    times = sorted({one.at for one in fresh if one.kind.name.startswith("self_")})
    for at in times:
        values = {
            one.kind.name.removeprefix("self_"): one.value
            for one in fresh
            if one.at == at and one.kind.name.startswith("self_") and isinstance(one.value, float)
        }
        kept = belief.with_report(kept, values, at)
    return kept


def _payload(one: Measured) -> dict[str, object]:
    value = list(one.value) if isinstance(one.value, tuple) else one.value
    return {"v": value, "f": list(one.flags)} if one.flags else {"v": value}


def _within(value: float) -> float:
    return max(-1.0, min(1.0, float(value)))
