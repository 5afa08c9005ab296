"""Which of the two languages a text is in, and where its sentences end. Only en and zh exist here."""

from __future__ import annotations

import re

from ml.types import Language

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_SENTENCE_END = re.compile(r"(?<=[.!?。!?!?;;…])[\"'”’)\]]*(?:\s+|(?<=[。!?;…]))|\n+")
_SAMPLE = 4_000


def detect_language(text: str, default: Language = "en") -> Language:
    """Language by what most of the words are written in; `default` where there are no words at all.

    One Han character weighs about as much as one English word, so mixed text goes by its main part.
    """
    sample = text[:_SAMPLE]
    han, latin = len(_HAN.findall(sample)), len(_LATIN_WORD.findall(sample))
    if not han and not latin:
        return default
    return "zh" if han * 1.0 >= latin * 1.2 or (han and not latin) else "en"


def split_sentences(text: str) -> list[str]:
    """Sentences in order, trimmed, none empty; works on raw and on normalised text of both languages."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]
