"""The kinds of signals that are taken in: their switch, unit, and which values are impossible or merely odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

APPS = ("mail", "documents", "social", "web", "games", "other")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. Outside `possible` a value is refused; outside `plausible` it is kept, flagged, not reckoned with."""

    name: str
    switch: str
    title: str | _StrPromise
    unit: str | _StrPromise
    possible: tuple[float, float]
    plausible: tuple[float, float]
    fhir: tuple[str, ...] = ()  # codes that mean this kind in FHIR (LOINC)
    is_many: bool = False
    is_word: bool = False


_ALL = (
    Kind("heart_rate", "heart", _("heart rate"), _("per minute"), (1, 400), (30, 220), ("8867-4",)),
    Kind("rr", "heart", _("time between heartbeats"), "ms", (100, 5000), (272, 2000), ("8637-1",), is_many=True),
    Kind("typing_interval", "behaviour", _("time between keys"), "ms", (0, 60000), (20, 5000)),
    Kind("typing_variation", "behaviour", _("unevenness of typing"), "", (0, 100), (0, 5)),
    Kind("pause_share", "behaviour", _("share of pauses"), "", (0, 1), (0, 1)),
    Kind("focus_changes", "behaviour", _("changes of window"), _("per minute"), (0, 6000), (0, 120)),
    Kind("scroll_rate", "behaviour", _("scrolling"), _("per minute"), (0, 100000), (0, 2000)),
    Kind("click_rate", "behaviour", _("clicks"), _("per minute"), (0, 6000), (0, 400)),
    Kind("screen_minutes", "behaviour", _("screen time of the last ten minutes"), _("minutes"), (0, 10), (0, 10)),
    Kind("app_focus", "behaviour", _("what held the focus"), "", (0, 0), (0, 0), is_word=True),
    Kind("breath_rate", "breathing", _("breaths"), _("per minute"), (0, 200), (3, 40), ("9279-1",)),
    Kind("hrv_rmssd", "wearable", _("heart rate variability (RMSSD)"), "ms", (0, 2000), (3, 250)),
    Kind("steps", "wearable", _("steps"), "", (0, 200000), (0, 5000), ("55423-8", "41950-7")),
    Kind("sleep_minutes", "wearable", _("sleep"), _("minutes"), (0, 2880), (30, 1200), ("93832-4",)),
    Kind("self_a", "self_report", _("attention, in my own words"), "", (-1, 1), (-1, 1)),
    Kind("self_e", "self_report", _("feeling, in my own words"), "", (-1, 1), (-1, 1)),
    Kind("self_r", "self_report", _("strength, in my own words"), "", (-1, 1), (-1, 1)),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
PREFIX = "signal."


def observation_kind(name: str) -> str:
    """How a kind is called in the common store."""
    return PREFIX + name


def of_switch(switch: str) -> tuple[Kind, ...]:
    """The kinds that one switch allows."""
    return tuple(kind for kind in _ALL if kind.switch == switch)
