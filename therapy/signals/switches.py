"""The five switches: what each measures and never measures, in plain words, and which of them a person has on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from therapy.signals.models import SignalSwitch

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class SwitchText:
    """The text of one switch; a changed text gets a new version, and the old yes no longer counts."""

    kind: str
    version: str
    title: _StrPromise
    measures: _StrPromise
    never: _StrPromise


TEXTS = (
    SwitchText(
        "heart",
        "2026-11",
        _("My heart rate"),
        _("Heart rate and the time between beats, from a strap or watch that you connect yourself during a practice."),
        _("Never in the background, never an ECG, and never an alarm: a fast heart alone calls nobody."),
    ),
    SwitchText(
        "behaviour",
        "2026-11",
        _("How I use this page"),
        _(
            "How fast and how evenly you type, how often you pause, click, scroll and change windows, reckoned in "
            "your browser. A program that you install yourself may add which kind of program holds your focus."
        ),
        _("Never what you type, never other pages, never pictures of your screen. Only sums leave your browser."),
    ),
    SwitchText(
        "breathing",
        "2026-11",
        _("My breathing"),
        _("The rhythm at which you tap along with your breath in a practice."),
        _("Never your microphone and never your camera."),
    ),
    SwitchText(
        "wearable",
        "2026-11",
        _("Data from my devices"),
        _(
            "Files that you bring, and devices that you give a token: heart rate, steps, sleep. Each kind still "
            "needs its own switch where there is one."
        ),
        _("Never your place, never your contacts. We fetch nothing by ourselves: a device sends, or nothing comes."),
    ),
    SwitchText(
        "self_report",
        "2026-11",
        _("What I say about myself"),
        _("How free your attention is, how calm you feel and how strong, whenever you tell us on a slider."),
        _("Never guessed in your name: what you say counts more than any measurement."),
    ),
)
SWITCHES: Mapping[str, SwitchText] = {text.kind: text for text in TEXTS}


def allowed(person_id: UUID) -> frozenset[str]:
    """The switches that are on: the newest decision about the text as it is now."""
    newest = (
        SignalSwitch.objects.filter(person_id=person_id)
        .order_by("kind", "-decided_at")
        .distinct("kind")
        .values_list("kind", "granted", "text_version")
    )
    return frozenset(
        kind for kind, granted, version in newest if granted and kind in SWITCHES and SWITCHES[kind].version == version
    )
