"""What one entry holds: mood, words for it, sleep, energy, activities, text. Checks ranges; stores nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from therapy.core.errors import ApplicationError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TEXT_CHARACTERS, TAG_CHARACTERS, MOST_TAGS = 2000, 40, 12
MOOD, SCALE = range(-2, 3), range(1, 6)

WORDS: Mapping[str, _StrPromise] = {
    "calm": pgettext_lazy("mood", "calm"),
    "content": pgettext_lazy("mood", "content"),
    "glad": pgettext_lazy("mood", "glad"),
    "hopeful": pgettext_lazy("mood", "hopeful"),
    "touched": pgettext_lazy("mood", "touched"),
    "tired": pgettext_lazy("mood", "tired"),
    "tense": pgettext_lazy("mood", "tense"),
    "worried": pgettext_lazy("mood", "worried"),
    "sad": pgettext_lazy("mood", "sad"),
    "lonely": pgettext_lazy("mood", "lonely"),
    "angry": pgettext_lazy("mood", "angry"),
    "ashamed": pgettext_lazy("mood", "ashamed"),
    "empty": pgettext_lazy("mood", "empty"),
    "overwhelmed": pgettext_lazy("mood", "overwhelmed"),
}
ACTIVITIES: Mapping[str, _StrPromise] = {
    "outdoors": pgettext_lazy("activity", "outdoors"),
    "moving": pgettext_lazy("activity", "moving"),
    "people": pgettext_lazy("activity", "with people"),
    "family": pgettext_lazy("activity", "family"),
    "work": pgettext_lazy("activity", "work"),
    "study": pgettext_lazy("activity", "study"),
    "chores": pgettext_lazy("activity", "chores"),
    "rest": pgettext_lazy("activity", "rest"),
    "hobby": pgettext_lazy("activity", "something I like"),
    "screen": pgettext_lazy("activity", "screens"),
    "practice": pgettext_lazy("activity", "a practice"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment. `valence` and `arousal` in -2…2, qualities and energy in 1…5; None where not told.

    Activities are keys of `ACTIVITIES` or the person's own words.
    """

    valence: int | None = None
    arousal: int | None = None
    words: tuple[str, ...] = ()
    sleep_hours: float | None = None
    sleep_quality: int | None = None
    energy: int | None = None
    activities: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing was told."""
        return self == Reading()

    @property
    def own_activities(self) -> tuple[str, ...]:
        """Activities in the person's own words."""
        return tuple(tag for tag in self.activities if tag not in ACTIVITIES)

    @property
    def typed(self) -> str:
        """Everything typed by the person: what is read for danger."""
        return "\n".join(filter(None, (self.text, *self.own_activities)))

    def checked(self) -> Reading:
        """Cleaned and within its ranges.

        Raises:
            ApplicationError: nothing_said, or a code that names the field.
        """
        reading = replace(
            self,
            words=tuple(dict.fromkeys(self.words)),
            activities=tuple(dict.fromkeys(filter(None, map(tag_of, self.activities)))),
            text=clean(self.text, keep_lines=True).strip(),
        )
        if reading.is_empty:
            raise ApplicationError("nothing_said", _("Please choose or write at least one thing."))
        for name, text, is_fit in _rules(reading):
            if not is_fit:
                raise ApplicationError(name, text)
        return reading

    def as_json(self) -> dict[str, Any]:
        """Plain values without the text."""
        values = asdict(self)
        del values["text"]
        return {name: value for name, value in values.items() if value not in (None, ())}


def from_json(values: Mapping[str, Any], text: str = "") -> Reading:
    """The reverse of `as_json`."""
    known = {name: values.get(name) for name in ("valence", "arousal", "sleep_hours", "sleep_quality", "energy")}
    return Reading(
        **known, words=tuple(values.get("words", ())), activities=tuple(values.get("activities", ())), text=text
    )


def _rules(reading: Reading) -> tuple[tuple[str, _StrPromise, bool], ...]:
    def within(value: int | None, allowed: range) -> bool:
        return value is None or value in allowed

    hours = reading.sleep_hours
    return (
        ("valence", _("Mood is a number from -2 to 2."), within(reading.valence, MOOD)),
        ("arousal", _("Mood is a number from -2 to 2."), within(reading.arousal, MOOD)),
        ("words", _("One of the words is not known here."), set(reading.words) <= set(WORDS)),
        ("sleep_hours", _("Hours of sleep are a number from 0 to 24."), hours is None or 0 <= hours <= 24),
        ("sleep_quality", _("This is a number from 1 to 5."), within(reading.sleep_quality, SCALE)),
        ("energy", _("This is a number from 1 to 5."), within(reading.energy, SCALE)),
        ("activities", _("At most 12 activities in one entry."), len(reading.activities) <= MOST_TAGS),
        (
            "activities",
            _("An activity can have up to 40 characters."),
            all(len(tag) <= TAG_CHARACTERS for tag in reading.activities),
        ),
        ("text", _("That is too long. Please use up to 2,000 characters."), len(reading.text) <= TEXT_CHARACTERS),
    )


def clean(text: str, *, keep_lines: bool = False) -> str:
    """Without control characters and lone surrogates; line ends as one character or as blanks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs") else " " for one in lines)
    return kept if keep_lines else " ".join(kept.split())


def tag_of(text: str) -> str:
    """An activity: its key where the words are one of ours in any language shown, else the words themselves."""
    tag = clean(text)
    by_name = {str(name).casefold(): key for key, name in ACTIVITIES.items()}
    return by_name.get(tag.casefold(), tag)
