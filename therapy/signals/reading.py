"""From the rows of a batch to measurements: clock, plausibility, gaps. Pure; knows nobody and stores nothing."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from therapy.signals.kinds import APPS, KINDS, Kind

MOST_ROWS, MOST_VALUES = 1000, 300
# A clock that is wrong by more than this is not corrected but left alone: who knows what it counts from.
MOST_SKEW = timedelta(minutes=15)
_QUIET_SKEW = timedelta(seconds=2)  # within this the way through the network is as likely
FUTURE = timedelta(seconds=60)
_GAP_FACTOR, _GAP_LEAST = 5.0, 10.0
_AROUND = 4
# Kinds that jump by nature, and a person's own word, which is never odd.
_JUMPY = frozenset({"steps", "sleep_minutes", "self_a", "self_e", "self_r"})


@dataclass(frozen=True, slots=True)
class Measured:
    """One row that can be kept. `value` is a number, a list of numbers or a word; `flags` say why it is odd."""

    row: int
    kind: Kind
    at: datetime
    claimed: datetime
    value: float | tuple[float, ...] | str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that cannot be kept, and why."""

    row: int
    code: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A batch, read."""

    kept: tuple[Measured, ...]
    refused: tuple[Refused, ...]
    gaps: int
    skew: timedelta


class RowProblem(ValueError):
    """Why a row is refused; the text is a code."""


def read(
    rows: Sequence[Any],
    *,
    allowed: Collection[str],
    now: datetime,
    sent_at: datetime | None = None,
    oldest: timedelta = timedelta(days=30),
) -> Reading:
    """Read a batch. `allowed`: names of kinds; `oldest`: what is older is refused."""
    skew = skew_of(sent_at, now)
    kept: list[Measured] = []
    refused: list[Refused] = []
    for number, row in enumerate(rows):
        try:
            kept.append(_row(number, row, allowed, now, skew, oldest))
        except RowProblem as problem:
            refused.append(Refused(number, str(problem)))
    kept = _flag_spikes(kept)
    return Reading(tuple(kept), tuple(refused), _gaps(kept), skew)


def skew_of(sent_at: datetime | None, now: datetime) -> timedelta:
    """How much a device's clock is behind ours; zero where it did not say, is right, or is wrong beyond correcting."""
    if sent_at is None or abs(now - sent_at) <= _QUIET_SKEW or abs(now - sent_at) > MOST_SKEW:
        return timedelta(0)
    return now - sent_at


def time_of(text: object) -> datetime:
    """An ISO 8601 time with an offset, in UTC.

    Raises:
        RowProblem: it is none, has no offset, or lies outside what a calendar holds.
    """
    if not isinstance(text, str) or not 16 <= len(text) <= 40:
        raise RowProblem("time")
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise RowProblem("time")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RowProblem("time") from error


def _row(
    number: int, row: object, allowed: Collection[str], now: datetime, skew: timedelta, oldest: timedelta
) -> Measured:
    if not isinstance(row, Mapping):
        raise RowProblem("value")
    kind = KINDS.get(row["kind"]) if isinstance(row.get("kind"), str) else None
    if kind is None:
        raise RowProblem("unknown_kind")
    if kind.name not in allowed:
        raise RowProblem("not_allowed")
    claimed = time_of(row.get("at"))
    if claimed < now - oldest - MOST_SKEW:
        raise RowProblem("old")
    if claimed > now + FUTURE + MOST_SKEW or claimed + skew > now + FUTURE:
        raise RowProblem("future")
    value = _value(kind, row)
    return Measured(number, kind, min(claimed + skew, now), claimed, value, _flags(kind, value))


def _value(kind: Kind, row: Mapping[str, Any]) -> float | tuple[float, ...] | str:
    if kind.is_word:
        word = row.get("value")
        if word not in APPS:
            raise RowProblem("value")
        return str(word)
    if kind.is_many and "values" in row:
        values = row["values"]
        if not isinstance(values, list) or not 1 <= len(values) <= MOST_VALUES:
            raise RowProblem("value")
        return tuple(_number(kind, one) for one in values)
    return _number(kind, row.get("value"))


def _number(kind: Kind, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RowProblem("value")
    try:
        number = float(value)
    except OverflowError as error:
        raise RowProblem("impossible") from error
    if not math.isfinite(number) or not kind.possible[0] <= number <= kind.possible[1]:
        raise RowProblem("impossible")
    return number


def _flags(kind: Kind, value: float | tuple[float, ...] | str) -> tuple[str, ...]:
    if isinstance(value, str):
        return ()
    low, high = kind.plausible
    values = value if isinstance(value, tuple) else (value,)
    outside = sum(not low <= one <= high for one in values)
    return ("range",) if 2 * outside > len(values) else ()


def _flag_spikes(kept: list[Measured]) -> list[Measured]:
    """Hampel's rule: further than five robust spreads from the median of the nine rows around it, by time."""
    odd: set[int] = set()
    for name, rows in _by_kind(kept).items():
        numbers = [(one.at, one.row, one.value) for one in rows if isinstance(one.value, float)]
        if len(numbers) < 2 * _AROUND + 1 or name in _JUMPY:
            continue
        numbers.sort()
        values = [value for _at, _row, value in numbers]
        for place, (_at, row, value) in enumerate(numbers):
            first = min(max(0, place - _AROUND), len(values) - 2 * _AROUND - 1)
            near = values[first : first + 2 * _AROUND + 1]
            middle = median(near)
            spread = max(1.4826 * median([abs(one - middle) for one in near]), 0.05 * abs(middle), 1e-6)
            if abs(value - middle) > 5 * spread:
                odd.add(row)
    return [replace(one, flags=(*one.flags, "spike")) if one.row in odd else one for one in kept]


def _gaps(kept: Sequence[Measured]) -> int:
    """Stretches without rows that are five times longer than is usual in this batch."""
    count = 0
    for rows in _by_kind(kept).values():
        times = sorted(one.at.timestamp() for one in rows)
        waits = [after - before for before, after in zip(times, times[1:], strict=False) if after > before]
        if len(waits) >= 3:
            limit = max(_GAP_LEAST, _GAP_FACTOR * median(waits))
            count += sum(wait > limit for wait in waits)
    return count


def _by_kind(kept: Sequence[Measured]) -> dict[str, list[Measured]]:
    groups: dict[str, list[Measured]] = {}
    for one in kept:
        groups.setdefault(one.kind.name, []).append(one)
    return groups
