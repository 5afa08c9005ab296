"""The state in words: how it is, what mattered, what may help. Calm and short; a guess is called a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ml.attention.features import APPS, CHANNELS, X_NAMES, Array

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_FAR, _UNSURE = 0.15, 0.34
_ODD = 0.55  # in halves of a spread, as the model reads them

_APP_WORDS: dict[str, _StrPromise] = {
    "mail": gettext_lazy("mail held the focus"),
    "documents": gettext_lazy("documents held the focus"),
    "social": gettext_lazy("messages and people held the focus"),
    "web": gettext_lazy("news and the web held the focus"),
    "games": gettext_lazy("games held the focus"),
}
# What a channel far above and far below the person's usual is called.
_CHANNEL_WORDS: dict[str, tuple[_StrPromise, _StrPromise]] = {
    "heart_rate": (gettext_lazy("heart faster than usual"), gettext_lazy("heart slower than usual")),
    "hrv": (gettext_lazy("heartbeat more varied than usual"), gettext_lazy("heartbeat more even than usual")),
    "breath_rate": (gettext_lazy("breathing faster than usual"), gettext_lazy("breathing slower than usual")),
    "click_rate": (gettext_lazy("more clicks than usual"), gettext_lazy("fewer clicks than usual")),
    "screen_minutes": (gettext_lazy("more screen time than usual"), gettext_lazy("less screen time than usual")),
    "typing_interval": (gettext_lazy("typing slower than usual"), gettext_lazy("typing faster than usual")),
    "typing_variation": (gettext_lazy("typing less even than usual"), gettext_lazy("typing more even than usual")),
    "pause_share": (gettext_lazy("longer pauses than usual"), gettext_lazy("fewer pauses than usual")),
    "focus_changes": (gettext_lazy("many changes of window"), gettext_lazy("hardly any change of window")),
    "steps": (gettext_lazy("more steps than usual"), gettext_lazy("fewer steps than usual")),
}


@dataclass(frozen=True, slots=True)
class Mattered:
    """One stretch of time that the reading leans on. `share` in [0, 1]."""

    text: str
    at: datetime
    share: float


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may help now."""

    key: str
    text: str
    url: str


def state_words(mean: Sequence[float], sd: Sequence[float], x: Array | None) -> tuple[str, ...]:
    """How the state is called; nothing is claimed that is not surer than `_UNSURE`."""
    a, e, r = (value if doubt < _UNSURE else 0.0 for value, doubt in zip(mean, sd, strict=True))
    found = []
    if e <= -_FAR:
        found.append(_("tense"))
    elif e >= _FAR:
        found.append(_("calm"))
    if a <= -_FAR:
        found.append(_("attention narrowed") if is_stuck(x) else _("attention scattered"))
    elif a >= _FAR:
        found.append(_("attention free"))
    if r <= -_FAR:
        found.append(_("worn out"))
    elif r >= _FAR:
        found.append(_("feeling strong"))
    if not found:
        found.append(_("not sure yet") if min(sd) >= _UNSURE else _("about as usual"))
    return tuple(found)


def is_stuck(x: Array | None) -> bool:
    """Whether one kind of program held the focus in the stretches of the last two hours that stood out; x [T, D]."""
    if x is None:
        return False
    recent = x[-24:]
    apps = recent[:, len(CHANNELS) : len(CHANNELS) + len(APPS) - 1]
    changes = recent[:, X_NAMES.index("focus_changes")]
    held = (apps.max(axis=1) >= 0.6) & (changes <= -0.35)
    return int(held.sum()) >= 2


def what_mattered(row: Array) -> str:
    """One window x[t] in words: the app that held the focus, then what was furthest from the person's usual."""
    parts = []
    apps = row[len(CHANNELS) : len(CHANNELS) + len(APPS)]
    leading = APPS[int(apps.argmax())]
    if apps.max() >= 0.6 and leading in _APP_WORDS:
        parts.append(str(_APP_WORDS[leading]))
    furthest = sorted(range(len(CHANNELS)), key=lambda index: -abs(float(row[index])))
    for index in furthest[:3]:
        value = float(row[index])
        if abs(value) >= _ODD:
            parts.append(str(_CHANNEL_WORDS[CHANNELS[index]][0 if value > 0 else 1]))
    return _("; ").join(parts) or _("about as usual")


def offers(mean: Sequence[float], sd: Sequence[float]) -> tuple[Offer, ...]:
    """What may help, for somebody who is tense or whose attention is narrow; nothing where all is well or unknown."""
    a, e, _r = mean
    is_low = (e <= -_FAR and sd[1] < _UNSURE) or (a <= -_FAR and sd[0] < _UNSURE)
    if not is_low:
        return ()
    return (
        Offer("breathing", _("Breathe slowly for three minutes"), _url("practice:home")),
        Offer("walk", _("Take a short walk, without the phone if you can"), ""),
        Offer("talk", _("Talk about what is on your mind"), _url("chat:home")),
    )


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
