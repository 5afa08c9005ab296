"""What each step of a scale is called, and what entries are called on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from therapy.journal.readings import ACTIVITIES, WORDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Steps = Mapping[int | None, "_StrPromise"]

PLEASANT: Steps = {
    -2: pgettext_lazy("how pleasant", "very unpleasant"),
    -1: pgettext_lazy("how pleasant", "rather unpleasant"),
    0: pgettext_lazy("how pleasant", "in between"),
    1: pgettext_lazy("how pleasant", "rather pleasant"),
    2: pgettext_lazy("how pleasant", "very pleasant"),
}
STIRRED: Steps = {
    -2: pgettext_lazy("how stirred", "very quiet"),
    -1: pgettext_lazy("how stirred", "rather quiet"),
    0: pgettext_lazy("how stirred", "in between"),
    1: pgettext_lazy("how stirred", "rather stirred"),
    2: pgettext_lazy("how stirred", "very stirred"),
}
SLEEP: Steps = {
    1: pgettext_lazy("sleep", "very bad"),
    2: pgettext_lazy("sleep", "rather bad"),
    3: pgettext_lazy("sleep", "in between"),
    4: pgettext_lazy("sleep", "rather good"),
    5: pgettext_lazy("sleep", "very good"),
}
ENERGY: Steps = {
    1: pgettext_lazy("energy", "none"),
    2: pgettext_lazy("energy", "little"),
    3: pgettext_lazy("energy", "some"),
    4: pgettext_lazy("energy", "much"),
    5: pgettext_lazy("energy", "a great deal"),
}


def choices(steps: Steps) -> list[tuple[str, _StrPromise]]:
    """Steps as a form wants them."""
    return [(str(value), name) for value, name in steps.items()]


def hours_name(hours: float) -> str:
    """Hours of sleep in words."""
    return _("{hours} hours").format(hours=number_format(f"{hours:g}"))


def activity_name(tag: str) -> str:
    """An activity in the active language; own ones as written."""
    return str(ACTIVITIES.get(tag, tag))


def word_name(key: str) -> str:
    """A mood word in the active language."""
    return str(WORDS.get(key, key))
