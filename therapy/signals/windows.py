"""Sums per window of time: kept beside the single measurements so that the state can be read within milliseconds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np

from accounts import keys
from accounts.crypto import Binding
from ml.attention.features import APPS, CHANNELS, WINDOW_SECONDS, Array, Windows
from therapy.signals.hrv import Successive, successive
from therapy.signals.models import SignalWindow
from therapy.signals.reading import Measured

WINDOW = timedelta(seconds=WINDOW_SECONDS)


@dataclass(frozen=True, slots=True)
class Sums:
    """What was measured in one window: by kind how many and their sum; beats; how often each app held the focus."""

    numbers: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    beats: Successive = field(default_factory=Successive)
    apps: Mapping[str, int] = field(default_factory=dict)

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        numbers = dict(self.numbers)
        for name, (count, total) in other.numbers.items():
            had = numbers.get(name, (0, 0.0))
            numbers[name] = (had[0] + count, had[1] + total)
        apps = dict(self.apps)
        for name, count in other.apps.items():
            apps[name] = apps.get(name, 0) + count
        beats = Successive(self.beats.count + other.beats.count, self.beats.squares + other.beats.squares)
        return Sums(numbers, beats, apps)

    def mean(self, name: str) -> float | None:
        """Mean of one kind."""
        count, total = self.numbers.get(name, (0, 0.0))
        return total / count if count else None

    def channels(self) -> list[float]:
        """The channels of the model, NaN where nothing was measured."""
        means = {name: total / count for name, (count, total) in self.numbers.items() if count}
        if "heart_rate" not in means and "rr" in means:
            means["heart_rate"] = 60000.0 / means["rr"]
        rmssd = self.beats.rmssd() or means.get("hrv_rmssd")
        if rmssd:
            means["hrv"] = math.log(max(rmssd, 1.0))
        if "steps" in means:
            means["steps"] = math.log1p(self.numbers["steps"][1])
        return [means.get(name, math.nan) for name in CHANNELS]

    def shares(self) -> list[float]:
        """Shares of the focus by app; zeros where nothing is known."""
        total = sum(self.apps.values())
        return [self.apps.get(name, 0) / total if total else 0.0 for name in APPS]


def start_of(at: datetime) -> datetime:
    """The window that a time lies in."""
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % WINDOW_SECONDS, UTC)


def sum_up(rows: Iterable[Measured]) -> dict[datetime, Sums]:
    """Sums by window; flagged rows do not count."""
    found: dict[datetime, Sums] = {}
    for row in sorted(rows, key=lambda one: one.at):
        if not row.flags:
            start = start_of(row.at)
            found[start] = found.get(start, Sums()).plus(_one(row))
    return found


def _one(row: Measured) -> Sums:
    value = row.value
    if isinstance(value, str):
        return Sums(apps={value: 1})
    if isinstance(value, tuple):
        return Sums(numbers={row.kind.name: (len(value), sum(value))}, beats=successive(value))
    return Sums(numbers={row.kind.name: (1, value)})


def binding(row: SignalWindow) -> Binding:
    """Where a sealed window belongs."""
    return Binding("signals_signalwindow", "body_sealed", row.pk, row.person_id)


def opened(row: SignalWindow) -> Sums:
    """The sums of a stored window."""
    return _read(keys.unseal_text(row.body_sealed, binding(row), row.person_id))


def _read(text: str) -> Sums:
    body = json.loads(text)
    return Sums(
        numbers={name: (int(count), float(total)) for name, (count, total) in body["n"].items()},
        beats=Successive(int(body["b"][0]), float(body["b"][1])),
        apps={name: int(count) for name, count in body["a"].items()},
    )


def add(person_id: UUID, sums: Mapping[datetime, Sums]) -> None:
    """Add to the stored windows. The caller holds the person's state row, so nobody else does so meanwhile."""
    stored = {row.start: row for row in SignalWindow.objects.filter(person_id=person_id, start__in=list(sums))}
    fresh: list[SignalWindow] = []
    for start, more in sums.items():
        row = stored.get(start)
        if row is None:
            row = SignalWindow(id=uuid4(), person_id=person_id, start=start)
            fresh.append(row)
        else:
            more = opened(row).plus(more)
        row.body_sealed = _sealed(row, more)
    SignalWindow.objects.bulk_create(fresh)
    SignalWindow.objects.bulk_update(stored.values(), ["body_sealed"])


def _sealed(row: SignalWindow, sums: Sums) -> bytes:
    body = {"n": sums.numbers, "b": [sums.beats.count, sums.beats.squares], "a": sums.apps}
    return keys.seal_text(json.dumps(body, separators=(",", ":")), binding(row), row.person_id)


def between(person_id: UUID, first: datetime, last: datetime, *, most: int = 300) -> dict[datetime, Sums]:
    """Stored windows that begin in [first, last], the newest `most` of them."""
    rows = SignalWindow.objects.filter(person_id=person_id, start__gte=first, start__lte=last).order_by("-start")
    found = list(rows[:most])
    sealed = ((row.pk, row.body_sealed) for row in found)
    texts = keys.unseal_column("signals_signalwindow", "body_sealed", sealed, person_id)
    return {row.start: _read(text) for row, text in zip(found, texts, strict=True)}


def stacked(sums: Sequence[Sums | None]) -> Windows:
    """Windows in order as the model reads them."""
    channels: Array = np.full((len(sums), len(CHANNELS)), np.nan, dtype=np.float32)
    apps: Array = np.zeros((len(sums), len(APPS)), dtype=np.float32)
    for place, one in enumerate(sums):
        if one is not None:
            channels[place], apps[place] = one.channels(), one.shares()
    return Windows(channels, apps)
