"""From windows of ten minutes to what the model reads: x [T, D] of interaction and body, y [Y] of person and day.

The simulator and the live signals both come through here, so training rows and people's rows are of one make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

WINDOW_SECONDS = 600
WINDOWS = 48  # eight hours
CHANNELS = (
    "heart_rate",
    "hrv",
    "breath_rate",
    "click_rate",
    "screen_minutes",
    "typing_interval",
    "typing_variation",
    "pause_share",
    "focus_changes",
    "steps",
)
APPS = ("mail", "documents", "social", "web", "games", "other")
# What may weigh on somebody, beside the app in which it reaches them (the first five of APPS).
LOADS = ("mail", "documents", "people", "news", "games")
GROUPS: dict[str, tuple[str, ...]] = {
    "heart": ("heart_rate", "hrv"),
    "breath": ("breath_rate",),
    "behaviour": CHANNELS[3:9],
    "steps": ("steps",),
}
GROUP_COLUMNS = {name: [CHANNELS.index(one) for one in members] for name, members in GROUPS.items()}
X_NAMES = (*CHANNELS, *(f"app_{name}" for name in APPS), *(f"has_{name}" for name in GROUPS), "age")
Y_NAMES = (
    *(f"weighs_{name}" for name in LOADS),
    *("said_a", "said_e", "said_r", "said_age", "has_said"),
    *("day_sin", "day_cos", "sleep", "has_sleep"),
)
X_WIDTH, Y_WIDTH = len(X_NAMES), len(Y_NAMES)
_LIMIT = 4.0
_AGE_SCALE = 4.0
# Spread that a channel has at least, so that a person whose strap always says 70 is not a mountain of sigmas at 71.
FLOORS = np.array([2.5, 0.12, 1.0, 1.0, 1.0, 12.0, 0.05, 0.05, 0.3, 0.4], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Windows:
    """Raw windows, oldest first: `channels` [..., T, 10] in natural units with NaN for missing (hrv and steps as
    logarithms), `apps` [..., T, 6] as shares of the focus, zero where nothing is known."""

    channels: Array
    apps: Array


@dataclass(frozen=True, slots=True)
class Baseline:
    """A person's usual: mean and spread of each channel, [..., 10]."""

    mean: Array
    spread: Array


@dataclass(frozen=True, slots=True)
class Indicators:
    """What is known of the person beside the windows; NaN stands for what nobody said.

    `weighs` [..., 5] in [0, 1]; `said` [..., 3] in [-1, 1] and `said_hours` how long ago; `hour` of the day, local;
    `sleep` in hours against the person's usual.
    """

    weighs: Array
    said: Array
    said_hours: Array
    hour: Array
    sleep: Array


def usual(channels: Array) -> Baseline:
    """The baseline of earlier windows [..., T, 10]: median and robust spread, NaN-safe."""
    with np.errstate(all="ignore"):
        seen = np.isfinite(channels).sum(axis=-2) >= 6
        safe = np.where(np.isfinite(channels).any(axis=-2, keepdims=True), channels, 0.0)
        middle = np.nanmedian(safe, axis=-2)
        spread = 1.4826 * np.nanmedian(np.abs(safe - middle[..., None, :]), axis=-2)
    spread = np.maximum(spread, FLOORS)
    middle = np.where(seen, middle, np.nan)
    return Baseline(middle.astype(np.float32), np.where(seen, spread, FLOORS).astype(np.float32))


def read_windows(windows: Windows, baseline: Baseline) -> tuple[Array, npt.NDArray[np.bool_]]:
    """x [..., T, D] and the mask [..., T] of windows about which anything is known.

    A channel without a baseline is left out: nobody is compared with strangers.
    """
    z = (windows.channels - baseline.mean[..., None, :]) / baseline.spread[..., None, :]
    present = np.isfinite(z)
    z = np.where(present, np.clip(np.nan_to_num(z), -_LIMIT, _LIMIT), 0.0) / 2.0
    flags = np.stack([present[..., columns].any(axis=-1) for columns in GROUP_COLUMNS.values()], axis=-1)
    steps = windows.channels.shape[-2]
    age = np.arange(steps - 1, -1, -1) * (WINDOW_SECONDS / 3600.0) / _AGE_SCALE
    ages = np.broadcast_to(age[:, None], (*z.shape[:-1], 1))
    x = np.concatenate([z, windows.apps, flags, ages], axis=-1).astype(np.float32)
    return x, np.asarray(flags.any(axis=-1))


def read_indicators(indicators: Indicators) -> Array:
    """y [..., Y]."""
    has_said = np.asarray(np.isfinite(indicators.said).any(axis=-1, keepdims=True))
    said = np.nan_to_num(indicators.said) * has_said
    hours = np.where(has_said[..., 0], np.clip(np.nan_to_num(indicators.said_hours) / _AGE_SCALE, 0, 3), 0.0)
    turn = 2 * np.pi * indicators.hour / 24.0
    has_sleep = np.isfinite(indicators.sleep)
    rest = np.stack([np.sin(turn), np.cos(turn), np.nan_to_num(indicators.sleep) / 2.0, has_sleep], axis=-1)
    return np.concatenate([indicators.weighs, said, hours[..., None], has_said, rest], axis=-1).astype(np.float32)


def without(x: Array, group: str) -> Array:
    """A copy of x [..., T, D] in which one group of signals was never there."""
    changed = x.copy()
    changed[..., GROUP_COLUMNS[group]] = 0.0
    changed[..., X_NAMES.index(f"has_{group}")] = 0.0
    if group == "behaviour":
        changed[..., len(CHANNELS) : len(CHANNELS) + len(APPS)] = 0.0
    return changed


def columns(names: Sequence[str]) -> list[int]:
    """Positions of named columns of x."""
    return [X_NAMES.index(name) for name in names]
