"""What is seen of the made-up people: channels with noise, artefacts, dropouts and signals that were never allowed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml.attention.features import APPS, CHANNELS, GROUP_COLUMNS, Windows
from ml.simulation.days import Days
from ml.simulation.events import Events
from ml.simulation.people import People

Array = npt.NDArray[np.float64]


def observe(people: People, events: Events, days: Days, rng: np.random.Generator) -> Windows:
    """Windows [n, T, …] as the live signals would give them."""
    shape = days.burden.shape
    at_screen = rng.random(shape) < np.where((days.hour > 7.0) & (days.hour < 23.5), 0.88, 0.12)
    at_screen &= (events.sport == 0) & ~events.practice
    at_screen |= (events.strength > 0) | (events.busy >= 0)
    channels = np.stack([*_body(people, events, days, rng), *_behaviour(people, events, days, rng)], axis=-1)
    channels = np.concatenate([channels, _steps(events, at_screen, rng)[..., None]], axis=-1)
    channels[..., GROUP_COLUMNS["behaviour"]] = np.where(
        at_screen[..., None], channels[..., GROUP_COLUMNS["behaviour"]], np.nan
    )
    _lose(channels, events, rng)
    apps = _apps(people, events, rng) * np.isfinite(channels[..., CHANNELS.index("click_rate")])[..., None]
    return Windows(channels.astype(np.float32), apps.astype(np.float32))


def _body(people: People, events: Events, days: Days, rng: np.random.Generator) -> list[Array]:
    """Heart rate, logarithm of RMSSD, breathing. The slow part of a burden shows in the body only faintly."""
    shape = days.burden.shape
    column, noise = np.s_[:, None], people.device[:, None]
    wave = np.cos(2 * np.pi * (days.hour - 15.0) / 24.0)
    heart = people.heart[column] + 3.0 * wave + 7.0 * days.startle + 1.6 * days.burden + 30.0 * events.sport
    heart += rng.normal(0, 2.8, shape) * noise
    heart += np.where(rng.random(shape) < 0.012, rng.normal(0, 25, shape), 0.0)  # a loose strap
    hrv = people.hrv[column] - 0.03 * wave - 0.22 * days.startle - 0.06 * days.burden - 0.5 * events.sport
    hrv += rng.normal(0, 0.13, shape) * noise
    breath = people.breath[column] + 1.4 * days.startle + 0.3 * days.burden + 6.0 * events.sport
    breath = np.where(events.practice, 6.5, breath) + rng.normal(0, 0.9, shape)
    return [heart, hrv, breath]


def _behaviour(people: People, events: Events, days: Days, rng: np.random.Generator) -> list[Array]:
    """Clicks, minutes at the screen, typing, pauses, focus changes."""
    shape = days.burden.shape
    attention = days.state[..., 0] - people.base[:, :1]
    busy = (events.busy >= 0).astype(float)
    held = np.minimum(1.0, days.startle)
    clicks = people.pace[:, :1] * (1 - 0.30 * held + 0.08 * attention + 0.15 * busy) + rng.normal(0, 2.2, shape)
    minutes = 7.5 - 1.6 * held + 0.9 * busy + rng.normal(0, 1.3, shape)
    keys = people.pace[:, 1:2] * (1 + 0.07 * held - 0.05 * attention) + rng.normal(0, 18, shape)
    variation = people.pace[:, 2:3] * (1 + 0.12 * held - 0.08 * attention) + rng.normal(0, 0.09, shape)
    pauses = 0.22 + 0.09 * held - 0.04 * attention + rng.normal(0, 0.07, shape)
    # Stuck in one place while it holds somebody, jumping about when attention is low afterwards.
    changes = people.pace[:, 3:4] * (1 - 0.45 * held - 0.35 * busy - 0.12 * attention) + rng.normal(0, 0.55, shape)
    return [
        clicks.clip(0),
        minutes.clip(0, 10),
        keys.clip(40),
        variation.clip(0.02),
        pauses.clip(0, 1),
        changes.clip(0),
    ]


def _steps(events: Events, at_screen: npt.NDArray[np.bool_], rng: np.random.Generator) -> Array:
    """Logarithm of one plus the steps of the window."""
    shape = events.sport.shape
    walking = np.where(at_screen, 2.2, 3.8) + rng.normal(0, 0.9, shape)
    return np.where(events.sport > 0, 6.6 + rng.normal(0, 0.4, shape), walking).clip(0)


def _apps(people: People, events: Events, rng: np.random.Generator) -> Array:
    """Shares of the focus, [n, T, 6]: habit, or held by the app of what happens."""
    shape = events.strength.shape
    shares = rng.gamma(4.0 * people.habits[:, None, :] + 0.05, size=(*shape, len(APPS)))
    shares /= shares.sum(axis=-1, keepdims=True)
    held = np.where(events.strength > 0, events.kind, events.busy)
    one = np.eye(len(APPS))[np.maximum(held, 0)]
    share = np.where(held >= 0, rng.uniform(0.65, 0.95, shape), 0.0)[..., None]
    return share * one + (1 - share) * shares


def _lose(channels: Array, events: Events, rng: np.random.Generator) -> None:
    """Signals that were never allowed (one in eight each), stretches without a strap, single lost windows; in place."""
    count, steps = events.strength.shape
    for name, columns in GROUP_COLUMNS.items():
        never = np.asarray(rng.random(count) < (0.5 if name == "breath" else 0.12))
        off: npt.NDArray[np.bool_] = np.zeros((count, steps), dtype=np.bool_)
        begins = rng.random((count, steps)) < 0.012
        for lag in range(5):
            off[:, lag:] |= begins[:, : steps - lag]
        lost: npt.NDArray[np.bool_] = np.asarray(never[:, None] | off | (rng.random((count, steps)) < 0.02))
        channels[..., columns] = np.where(lost[..., None], np.nan, channels[..., columns])
