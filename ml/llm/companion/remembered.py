"""What the person allowed to be remembered, made fit to be said: chosen by topic, refused where unsafe."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ml.llm.companion.lexicon import Lexicon, length_of, plain
from ml.llm.companion.own_words import is_safe
from ml.types import Language

LONGEST = {"en": 40, "zh": 70}  # words or characters
MOST = 4  # sentences told where the person asks what is known
# Wishes about the manner of replies are heeded, not asked after.
MANNER = {
    "en": re.compile(r"\b(please|prefer|call me|my name|answers?|replies|reply|emojis?|short|speak|language)\b"),
    "zh": re.compile(r"请|希望你|叫我|称呼|回答|回复|简短|表情|说话|名字"),
}
QUOTED = re.compile(r"^[“「\"](.*)[”」\"]$")


def sayable(memory: Sequence[str], language: Language) -> tuple[str, ...]:
    """Sentences of memory that may stand in a reply."""
    lines = (re.sub(r"\s+", " ", line).strip().rstrip(".。") for line in memory)
    return tuple(line for line in lines if line and _fits(line, language))


def told(memory: Sequence[str], language: Language) -> str:
    """The one to come back to: not a wish about manner, the last summary first."""
    lines = [line for line in sayable(memory, language) if not MANNER[language].search(plain(line))]
    summaries = [line for line in lines if not QUOTED.match(line)]
    return next(iter((*summaries, *lines)), "")


def near(memory: Sequence[str], topics: Sequence[str], lexicon: Lexicon) -> str:
    """One that is about what the message is about; empty where none is."""
    for line in sayable(memory, lexicon.language):
        folded = plain(line)
        if any(topic in lexicon.topics and lexicon.topics[topic].search(folded) for topic in topics[:1]):
            return line
    return ""


def listed(memory: Sequence[str], language: Language) -> str:
    """All that can be told on asking, in one phrase."""
    lines = sayable(memory, language)[:MOST]
    return ("; " if language == "en" else "；").join(lines)


def _fits(line: str, language: Language) -> bool:
    inner = QUOTED.sub(r"\1", line)
    return length_of(line, language) <= LONGEST[language] and is_safe(_plain_date(inner), language)


def _plain_date(line: str) -> str:
    """Numbers of a date are no danger; three digits in a row would be taken for one."""
    return re.sub(r"\d{3,}", "", line)
