"""Words of practices: names of kinds and phases, why something was adapted, what changed between before and after."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from therapy.practice.body import SCALES, Ratings

KINDS: dict[str, Promise] = {
    "breathing": _("Breathing"),
    "grounding": _("Grounding"),
    "meditation": _("Meditation"),
    "movement": _("Movement"),
    "imagery": _("Imagination"),
    "sleep": _("Before sleep"),
}
PHASES: dict[str, Promise] = {
    "settle": pgettext_lazy("practice", "Settle"),
    "relax": _("Relax"),
    "mindfulness": _("Mindfulness"),
    "focus": _("Focus"),
}
SOUNDS: dict[str, Promise] = {
    "waves": _("Waves"),
    "rain": _("Rain"),
    "wind": _("Wind"),
    "tone": _("Soft tones"),
    "silence": _("Silence"),
}
NOTES: dict[str, Promise] = {
    "tense": _("You feel rather tense, so calm breathing gets more time today."),
    "scattered": _("Your attention is scattered today, so the focus part is shorter and gentler."),
}
SCALE_NAMES: dict[str, Promise] = {
    "calm": pgettext_lazy("scale", "Calm"),
    "focused": pgettext_lazy("scale", "Focused"),
    "mood": pgettext_lazy("scale", "Mood"),
}
SCALE_ENDS: dict[str, tuple[Promise, Promise]] = {
    "calm": (_("very tense"), _("very calm")),
    "focused": (_("all over the place"), _("fully here")),
    "mood": (_("very low"), _("very good")),
}


def notes(codes: tuple[str, ...]) -> list[str]:
    """The reasons in words; codes that are no longer known are left out."""
    return [str(NOTES[code]) for code in codes if code in NOTES]


def changes(before: Ratings, after: Ratings) -> list[dict[str, object]]:
    """Each scale that was answered twice: both numbers and the change in words that judge nothing."""
    found: list[dict[str, object]] = []
    for scale in SCALES:
        first, second = getattr(before, scale), getattr(after, scale)
        if first is not None and second is not None:
            found.append(
                {"scale": scale, "name": SCALE_NAMES[scale], "before": first, "after": second}
                | {"words": _words(second - first)}
            )
    return found


def _words(change: int) -> Promise:
    if change == 0:
        return _("about the same")
    if abs(change) == 1:
        return _("a little higher") if change > 0 else _("a little lower")
    return _("higher") if change > 0 else _("lower")
