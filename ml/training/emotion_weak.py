"""Weak labels for Chinese from counselling dialogues: feelings named by the client, by the counsellor, by nobody."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ml.training.emotion_data import Example, rows
from ml.understanding.lexicon import CUES, cues

CAPS = {"named": 3000, "reflected": 2000, "silent": 4000}
_SHORTEST, _LONGEST = 6, 100
_REFLECTION = re.compile(r"(?:你|您)[^。，！？]{0,8}(?:感到|觉得|感觉|很|非常|有些)")
_SENTENCE_END = re.compile(r"[。！？]")


def weak_examples(path: Path, chance: random.Random) -> list[Example]:
    """At most CAPS rows of each feeling from each kind of label; of the named ones half lose the naming words."""
    found = list(_labelled(path))
    chance.shuffle(found)
    taken: Counter[tuple[str, str]] = Counter()
    examples = []
    for source, text, feeling in found:
        if taken[source, feeling] >= CAPS[source]:
            continue
        taken[source, feeling] += 1
        if source == "named" and chance.random() < 0.5:
            text = CUES["zh"][feeling].sub("", text)
        examples.append(Example(text, "zh", source, {feeling: 1.0}))
    return examples


def _labelled(path: Path) -> Iterator[tuple[str, str, str]]:
    for row in rows(path):
        turns = row["turns"]
        if not isinstance(turns, list):
            continue
        for said, answer in zip(turns, turns[1:], strict=False):
            if said["role"] == "client" and _SHORTEST <= len(said["content"]) <= _LONGEST:
                yield from _label(said["content"], _SENTENCE_END.split(answer["content"])[0])


def _label(said: str, answer: str) -> Iterator[tuple[str, str, str]]:
    own, theirs = cues(said, "zh"), cues(answer, "zh")
    if len(own) == 1:
        yield "named", said, next(iter(own))
    elif not own and len(theirs) == 1 and _REFLECTION.search(answer):
        yield "reflected", said, next(iter(theirs))
    elif not own and not theirs:
        yield "silent", said, "neutral"
