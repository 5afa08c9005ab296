"""Words of memory: what a summary says, and what somebody typed, made fit to keep."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from ml.types import Language
from therapy.core.errors import ApplicationError
from therapy.memory.noticing import Summary

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHARACTERS = 300

TOPICS: Mapping[str, _StrPromise] = {
    "exams_study": pgettext_lazy("talked about", "studying and exams"),
    "work": pgettext_lazy("talked about", "work"),
    "job_loss": pgettext_lazy("talked about", "losing a job"),
    "money": pgettext_lazy("talked about", "money"),
    "breakup": pgettext_lazy("talked about", "a separation"),
    "couple": pgettext_lazy("talked about", "a relationship"),
    "family": pgettext_lazy("talked about", "family"),
    "parenting": pgettext_lazy("talked about", "children"),
    "caregiving": pgettext_lazy("talked about", "caring for somebody"),
    "grief": pgettext_lazy("talked about", "a loss"),
    "loneliness": pgettext_lazy("talked about", "being alone"),
    "migration": pgettext_lazy("talked about", "living far from home"),
    "sleep": pgettext_lazy("talked about", "sleep"),
    "procrastination": pgettext_lazy("talked about", "putting things off"),
    "perfectionism": pgettext_lazy("talked about", "high standards"),
    "future": pgettext_lazy("talked about", "the future"),
    "motivation": pgettext_lazy("talked about", "getting going"),
    "self_esteem": pgettext_lazy("talked about", "how you see yourself"),
    "screen_game": pgettext_lazy("talked about", "screens and games"),
    "anger": pgettext_lazy("talked about", "anger"),
    "ageing": pgettext_lazy("talked about", "getting older"),
    "meaning": pgettext_lazy("talked about", "what matters"),
}


def summary_text(summary: Summary, language: Language) -> str:
    """A summary in one or two sentences; what the person said stands in quotation marks."""
    with translation.override("zh-hans" if language == "zh" else "en"):
        comma = pgettext("between things in a list", ", ")
        parts = []
        if summary.topics:
            topics = comma.join(str(TOPICS[topic]) for topic in summary.topics)
            parts.append(pgettext("summary", "It was about {topics}.").format(topics=topics))
        if summary.wanted:
            parts.append(pgettext("summary", "Wanted: “{words}”.").replace("{words}", summary.wanted))
        if summary.step:
            parts.append(pgettext("summary", "Next step: “{words}”.").replace("{words}", summary.step))
        return pgettext("between sentences", " ").join(parts)


def checked(text: str) -> str:
    """What somebody typed, in one line without control characters.

    Raises:
        ApplicationError: empty or too long.
    """
    text = "".join(one if unicodedata.category(one) not in ("Cc", "Cs") else " " for one in text)
    text = " ".join(text.split())
    if not text:
        raise ApplicationError("empty", _("Please write something first."))
    if len(text) > CHARACTERS:
        raise ApplicationError("too_long", _("That is too long. Please use up to 300 characters."))
    return text
