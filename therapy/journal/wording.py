"""What the picture says in words: ranges, and links with their uncertainty. A link is never called a cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from therapy.journal import together
from therapy.journal.selectors import DayNumbers
from therapy.journal.steps import activity_name
from therapy.journal.together import Day, Link


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link in words: what was seen, how sure that is, and the figures for those who want them."""

    seen: str
    sure: str
    figures: str
    may_be_chance: bool


def range_names() -> list[tuple[str, str]]:
    """The spans of time a picture can show."""
    return [
        ("30", pgettext("span of time", "30 days")),
        ("90", pgettext("span of time", "90 days")),
        ("365", pgettext("span of time", "a year")),
        ("all", pgettext("span of time", "everything")),
    ]


def links_of(days: Sequence[DayNumbers]) -> list[LinkView]:
    """What goes with mood on these days, in words."""
    return [_view(link) for link in together.links([_day(day) for day in days])]


def _day(numbers: DayNumbers) -> Day:
    things = {
        "sleep_hours": numbers.sleep_hours,
        "sleep_quality": numbers.sleep_quality,
        "energy": numbers.energy,
    }
    known = {name: float(value) for name, value in things.items() if value is not None}
    return Day(numbers.day, numbers.valence, known, numbers.activities)


def _view(link: Link) -> LinkView:
    figures = _("rank correlation {rho}, between {low} and {high}, {days}").format(
        rho=f"{link.rho:+.2f}",
        low=f"{link.low:+.2f}",
        high=f"{link.high:+.2f}",
        days=ngettext("{count} day", "{count} days", link.days).format(count=link.days),
    )
    return LinkView(_seen(link), _sure(link), figures, link.may_be_chance)


def _seen(link: Link) -> str:
    if link.strength == "hardly":
        return _hardly(link)
    up = link.rho > 0
    if link.is_activity:
        text = (
            _("On days with “{activity}” your mood was a little higher.")
            if up
            else _("On days with “{activity}” your mood was a little lower.")
        )
        return text.replace("{activity}", activity_name(link.name))
    texts = {
        ("sleep_hours", True): _("After longer nights your mood was a little higher."),
        ("sleep_hours", False): _("After longer nights your mood was a little lower."),
        ("sleep_quality", True): _("After better sleep your mood was a little higher."),
        ("sleep_quality", False): _("After better sleep your mood was a little lower."),
        ("energy", True): _("On days with more energy your mood was a little higher."),
        ("energy", False): _("On days with more energy your mood was a little lower."),
    }
    return texts[link.name, up]


def _hardly(link: Link) -> str:
    if link.is_activity:
        text = _("With or without “{activity}”, your mood was much the same.")
        return text.replace("{activity}", activity_name(link.name))
    return {
        "sleep_hours": _("Long or short nights, your mood was much the same."),
        "sleep_quality": _("After good or bad sleep, your mood was much the same."),
        "energy": _("With much or little energy, your mood was much the same."),
    }[link.name]


def _sure(link: Link) -> str:
    if link.may_be_chance:
        return _("This may be chance: the days so far fit no link as well.")
    return _("Probably not chance alone. What causes what, these days cannot say.")
