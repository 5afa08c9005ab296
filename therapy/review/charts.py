"""Geometry of the report's charts: numbers in, rectangles, lines and ticks out. The template draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from therapy.review.report import SHOWN, Week

# About as wide as a chart stands on a page, so that its letters keep their size.
WIDTH, HEIGHT = 300, 170
LEFT, TOP, BOTTOM = 42, 12, 24
_TICKS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with its number; `style` names its colour."""

    x: float
    y: float
    width: float
    height: float
    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; `dots` carry the numbers."""

    style: str
    points: str
    dots: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything of one chart. `ticks` are (y, text), `labels` (x, text)."""

    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT


def ceiling(highest: float) -> float:
    """The next round number above: 1, 2 or 5 times a power of ten."""
    if highest <= 0:
        return 1.0
    power = 1.0
    while power * 10 < highest:
        power *= 10
    while power > highest:
        power /= 10
    return next((tick * power for tick in _TICKS if tick * power >= highest), 10 * power)


def _y(value: float, top: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)


def _slots(rows: Sequence[Week]) -> tuple[float, tuple[tuple[float, str], ...]]:
    """The width of a week, and the middle of each with its day; every second day is left out, the last one stands."""
    slot = (WIDTH - LEFT) / max(1, len(rows))
    labels = tuple(
        (round(LEFT + slot * (place + 0.5), 1), f"{row.begins:%m-%d}" if (len(rows) - place) % 2 else "")
        for place, row in enumerate(rows)
    )
    return slot, labels


def stacked(rows: Sequence[Week]) -> Chart:
    """Alerts by level, one column a week, the most severe at the bottom."""
    top = ceiling(max((row.alerts_total for row in rows), default=0))
    slot, labels = _slots(rows)
    bars = []
    for (middle, _label), row in zip(labels, rows, strict=True):
        below = 0
        for level in SHOWN:
            count = row.alerts[level]
            if count:
                y = _y(below + count, top)
                bars.append(
                    Bar(
                        x=round(middle - slot * 0.3, 1),
                        y=y,
                        width=round(slot * 0.6, 1),
                        height=round(_y(below, top) - y, 1),
                        style=str(int(level)),
                        text=f"{row.begins:%Y-%m-%d}: {count} · {level.label}",
                    )
                )
            below += count
    return Chart(tuple(bars), (), _ticks(top, "{:g}"), labels)


def waits(rows: Sequence[Week]) -> Chart:
    """Seconds until an alert was taken: half of them, and 95 of 100."""
    values = [value for row in rows for value in (row.p50, row.p95) if value is not None]
    top = ceiling(max(values, default=0))
    _slot, labels = _slots(rows)
    lines = []
    for style, name in (("p50", "p50"), ("p95", "p95")):
        dots = [
            (middle, _y(value, top), f"{row.begins:%Y-%m-%d} · {name}: {value:.0f} s")
            for (middle, _label), row in zip(labels, rows, strict=True)
            if (value := getattr(row, name)) is not None
        ]
        lines.append(Line(style, " ".join(f"{x},{y}" for x, y, _text in dots), tuple(dots)))
    return Chart((), tuple(lines), _ticks(top, "{:g} s"), labels)


def shares(rows: Sequence[Week]) -> Chart:
    """Share of false alarms and of misses, in percent."""
    _slot, labels = _slots(rows)
    lines = []
    for style, name in (("false", "false_alarms"), ("miss", "misses")):
        dots = []
        for (middle, _label), row in zip(labels, rows, strict=True):
            share = getattr(row, name)
            if share.share is not None:
                text = f"{row.begins:%Y-%m-%d}: {share.hits}/{share.of} = {share.share:.0%}"
                dots.append((middle, _y(share.share * 100, 100), text))
        lines.append(Line(style, " ".join(f"{x},{y}" for x, y, _text in dots), tuple(dots)))
    return Chart((), tuple(lines), _ticks(100, "{:g} %"), labels)


def _ticks(top: float, pattern: str) -> tuple[tuple[float, str], ...]:
    return tuple((_y(value, top), pattern.format(value)) for value in (0, top / 2, top))
