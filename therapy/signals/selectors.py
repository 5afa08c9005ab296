"""Reads of signals: the state now, recent values, devices, what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.utils import timezone

from accounts import keys
from accounts.crypto import Binding
from accounts.middleware import zone_of
from accounts.selectors import profile_of
from ml.attention import features
from ml.state import filter as state_filter
from ml.state.filter import AXES
from therapy.observations import selectors as observations
from therapy.signals import belief, windows, words
from therapy.signals.belief import IDEAL, Kept, Now
from therapy.signals.kinds import KINDS, observation_kind
from therapy.signals.models import DeviceToken, PersonState
from therapy.signals.switches import allowed
from therapy.signals.words import Mattered, Offer

# Three stretches are named at most: more would be no reason but a list.
_MOST, _LEAST_SHARE = 3, 0.04


@dataclass(frozen=True, slots=True)
class Axis:
    """One of a, e, r in [-1, 1], 0 the person's usual, with its standard deviation."""

    value: float
    sd: float


@dataclass(frozen=True, slots=True)
class StateView:
    """The state as a page shows it. `distance` to the ideal, `change` of it within the hour (negative: nearer)."""

    known: bool
    at: datetime | None
    a: Axis
    e: Axis
    r: Axis
    ideal: Mapping[str, float]
    distance: float
    change: float
    words: tuple[str, ...] = ()
    mattered: tuple[Mattered, ...] = ()
    offers: tuple[Offer, ...] = ()
    shares: tuple[float, ...] = field(default=(), repr=False)
    start: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The answer of `GET /signals/state/`."""
        return {
            "known": self.known,
            "at": self.at.isoformat() if self.at else None,
            **{name: {"value": round(axis.value, 4), "sd": round(axis.sd, 4)} for name, axis in self._axes().items()},
            "ideal": dict(self.ideal),
            "distance": round(self.distance, 4),
            "change": round(self.change, 4),
            "words": list(self.words),
            "mattered": [
                {"text": one.text, "at": one.at.isoformat(), "share": round(one.share, 3)} for one in self.mattered
            ],
            "offers": [{"key": one.key, "text": one.text, "url": one.url} for one in self.offers],
        }

    def _axes(self) -> dict[str, Axis]:
        return {"a": self.a, "e": self.e, "r": self.r}


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device with its name opened."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    is_revoked: bool


def device_binding(row: DeviceToken) -> Binding:
    """Where the sealed name of a device belongs."""
    return Binding("signals_devicetoken", "name_sealed", row.pk, row.person_id)


def zone(person_id: UUID) -> ZoneInfo:
    """The person's time zone."""
    return zone_of(profile_of(person_id).time_zone)


def kept_of(person_id: UUID) -> Kept:
    """What is kept of the person's state."""
    return belief.opened(PersonState.objects.filter(person_id=person_id).first())


def now_of(person_id: UUID, kept: Kept, at: datetime) -> Now:
    """The state of a person at a time, from what is kept and the signals of the last eight hours."""
    first = windows.start_of(at) - windows.WINDOW * (features.WINDOWS - 1)
    recent = windows.between(person_id, first, at, most=features.WINDOWS) if allowed(person_id) else {}
    return belief.now(kept, recent, at, zone(person_id))


def current_state(person_id: UUID, *, at: datetime | None = None) -> StateView:
    """The state now. Without any evidence `known` is False, the values are the person's usual, the doubt is wide."""
    kept = kept_of(person_id)
    if not allowed(person_id):
        return view_of(Kept(ideal=kept.ideal), None)
    return view_of(kept, now_of(person_id, kept, at or timezone.now()))


def view_of(kept: Kept, state: Now | None) -> StateView:
    """A state as a page shows it."""
    if state is None or (state.reading is None and kept.belief is None):
        ideal = np.array([kept.ideal[name] for name in AXES])
        unknown = Axis(0.0, 1.0)
        off = state_filter.distance(np.zeros(3), ideal)
        return StateView(False, None, unknown, unknown, unknown, dict(kept.ideal), off, 0.0)
    mean, sd = state.belief.mean.tolist(), state.belief.sd.tolist()
    ideal = np.array([kept.ideal.get(name, IDEAL[name]) for name in AXES])
    a, e, r = (Axis(value, doubt) for value, doubt in zip(mean, sd, strict=True))
    return StateView(
        known=True,
        at=datetime.fromtimestamp(state.belief.at, tz=state.start.tzinfo),
        a=a,
        e=e,
        r=r,
        ideal=dict(kept.ideal),
        distance=state_filter.distance(state.belief.mean, ideal),
        change=state.change or 0.0,
        words=words.state_words(mean, sd, state.x),
        mattered=_mattered(state),
        offers=words.offers(mean, sd),
        shares=tuple(state.reading.share.tolist()) if state.reading else (),
        start=state.start,
    )


def _mattered(state: Now) -> tuple[Mattered, ...]:
    if state.reading is None or state.x is None:
        return ()
    share = state.reading.share
    leading = [int(index) for index in np.argsort(-share)[:_MOST] if share[index] >= _LEAST_SHARE]
    return tuple(
        Mattered(words.what_mattered(state.x[index]), state.start + windows.WINDOW * index, float(share[index]))
        for index in leading
    )


def devices_of(person_id: UUID) -> list[DeviceView]:
    """The person's devices, newest first."""
    return [
        DeviceView(
            id=row.pk,
            name=keys.unseal_text(row.name_sealed, device_binding(row), person_id),
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            is_revoked=row.revoked_at is not None,
        )
        for row in DeviceToken.objects.filter(person_id=person_id).order_by("-created_at")
    ]


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest value of one kind, in words."""

    name: str
    title: str
    value: str
    unit: str
    at: datetime
    is_flagged: bool


def recent_values(person_id: UUID) -> list[Recent]:
    """The newest value of each kind that is stored."""
    found = []
    for kind in KINDS.values():
        for view in observations.recent(person_id, observation_kind(kind.name), limit=1):
            value = view.payload.get("v")
            text = f"{sum(value) / len(value):.0f}" if isinstance(value, list) and value else _plain(value)
            flagged = bool(view.payload.get("f"))
            found.append(Recent(kind.name, str(kind.title), text, str(kind.unit), view.at, flagged))
    return found


def _plain(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def faster_heart(person_id: UUID, *, at: datetime | None = None) -> float | None:
    """How many beats a minute the last day lies above the days before, where that is much (15 or more); else None."""
    moment = at or timezone.now()
    if "heart" not in allowed(person_id):
        return None
    past = windows.between(person_id, moment - timedelta(days=14), moment)
    day = moment - timedelta(days=1)
    late = [rate for start, sums in past.items() if start >= day and (rate := sums.mean("heart_rate"))]
    early = [rate for start, sums in past.items() if start < day and (rate := sums.mean("heart_rate"))]
    if len(late) < 6 or len(early) < 6:
        return None
    more = float(np.median(late) - np.median(early))
    return more if more >= 15.0 else None
