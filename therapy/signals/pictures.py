"""The picture of what mattered: bars of the last eight hours, the three that weigh most filled. Geometry, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from therapy.signals.selectors import StateView
from therapy.signals.windows import WINDOW

WIDTH, HEIGHT, BAR_ROOM = 640, 110, 80


@dataclass(frozen=True, slots=True)
class Bar:
    """One window."""

    x: float
    y: float
    width: float
    height: float
    matters: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A time below the bars."""

    x: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """All bars, oldest first."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT


def picture(state: StateView) -> Picture | None:
    """The picture of a state; None where the model read nothing."""
    if not state.shares or state.start is None or not state.mattered:
        return None
    start = state.start
    step = WIDTH / len(state.shares)
    most = max(state.shares)
    leading = {one.at for one in state.mattered}
    bars = []
    for index, share in enumerate(state.shares):
        height = round(max(2.0, BAR_ROOM * share / most), 1)
        matters = start + WINDOW * index in leading
        bars.append(
            Bar(round(index * step + 1, 1), round(BAR_ROOM - height + 4, 1), round(step - 2, 1), height, matters)
        )
    each = max(1, len(state.shares) // 4)
    ticks = tuple(Tick(round(index * step, 1), start + WINDOW * index) for index in range(0, len(state.shares), each))
    return Picture(tuple(bars), ticks)
