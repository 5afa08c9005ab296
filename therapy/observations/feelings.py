"""What the feelings are called, and how pleasant and how stirred one is in words. Names only: nothing is read here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import pgettext, pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# The twelve labels of the emotion reader. "neutral" is also its answer where it is not sure.
NAMES: Mapping[str, _StrPromise] = {
    "neutral": pgettext_lazy("feeling", "no clear feeling"),
    "sadness": pgettext_lazy("feeling", "sadness"),
    "fear": pgettext_lazy("feeling", "fear"),
    "anger": pgettext_lazy("feeling", "anger"),
    "shame": pgettext_lazy("feeling", "shame"),
    "guilt": pgettext_lazy("feeling", "guilt"),
    "loneliness": pgettext_lazy("feeling", "loneliness"),
    "joy": pgettext_lazy("feeling", "joy"),
    "hope": pgettext_lazy("feeling", "hope"),
    "disgust": pgettext_lazy("feeling", "disgust"),
    "relief": pgettext_lazy("feeling", "relief"),
    "surprise": pgettext_lazy("feeling", "surprise"),
}


def feeling_name(label: str) -> str:
    """The name of a feeling in the active language; a label of a later reader is shown as it is."""
    return str(NAMES.get(label, label))


def pleasant_words(valence: float) -> str:
    """How pleasant, in words; `valence` in [-1, 1]."""
    if valence > 0.4:
        return pgettext("feeling", "pleasant")
    if valence > 0.1:
        return pgettext("feeling", "rather pleasant")
    if valence >= -0.1:
        return pgettext("how pleasant", "in between")
    return pgettext("feeling", "rather unpleasant") if valence >= -0.4 else pgettext("feeling", "unpleasant")


def stirred_words(arousal: float) -> str:
    """How stirred, in words; `arousal` in [-1, 1]."""
    if arousal > 0.25:
        return pgettext("feeling", "stirred")
    return pgettext("how stirred", "in between") if arousal >= -0.15 else pgettext("feeling", "quiet")
