"""Topics of a single message, in the names of the reply bank."""

from __future__ import annotations

from ml.llm.companion.lexicon import load_lexicon, plain
from ml.types import Language

MOST = 3


def detect_topics(text: str, language: Language) -> tuple[str, ...]:
    """The (at most three) topics that a message names most often; empty where it names none."""
    folded = plain(text)
    hits = {topic: len(set(found.findall(folded))) for topic, found in load_lexicon(language).topics.items()}
    named = sorted((topic for topic, count in hits.items() if count), key=lambda topic: -hits[topic])
    return tuple(named[:MOST])
