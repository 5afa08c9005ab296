"""Labelled talks held again with the companion, so that what stands before a message is what it really says."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from ml.encoder.heads import KINDS
from ml.evaluation.dialogue import hold
from ml.llm.companion import Companion
from ml.training.encoder_rows import Row
from ml.types import ChatTurn, Language, RiskLevel

# In one talk of so many the companion is told of danger now and then where there is none: its question about suicide
# must not colour the next sentence.
ALARMED_EVERY = 3
_ALARMS = 0.3
_FALSE_KINDS = ("ideation_active", "ideation_passive", "plan", "third_person", "self_harm", "everyday_distress")
# Shorter turns answer the question that was really asked, which is another one here.
_STANDS_ALONE = {"en": 24, "zh": 9}


def played(dialogues: Sequence[Mapping[str, Any]], authors: Sequence[str], chance: random.Random) -> list[Row]:
    """The person's longer turns with the companion's replies before them, one list for all talks.

    `dialogues` have turns with `role`, `text`, and for the person `risk`, perhaps `kind`; `authors` name their voices.
    """
    companion = Companion()
    return [
        row
        for place, (dialogue, author) in enumerate(zip(dialogues, authors, strict=True))
        for row in _rows(dialogue, author, companion, chance, is_alarmed=place % ALARMED_EVERY == 0)
    ]


def _rows(
    dialogue: Mapping[str, Any], author: str, companion: Companion, chance: random.Random, *, is_alarmed: bool
) -> list[Row]:
    language: Language = "zh" if dialogue["lang"] == "zh" else "en"
    turns = [turn for turn in dialogue["turns"] if turn["role"] == "user"]
    told = [_told(turn, chance, is_alarmed=is_alarmed) for turn in turns]
    script = {"id": dialogue["id"], "lang": language, "turns": told}
    rows, before = [], list[ChatTurn]()
    for turn, exchange in zip(turns, hold(script, chance.randrange(1000), companion, companion), strict=True):
        if before and len(turn["text"]) >= _STANDS_ALONE[language]:
            level, kind = int(RiskLevel[turn["risk"].upper()]), turn.get("kind")
            known = KINDS.index(kind) if kind in KINDS else None
            rows.append(Row(turn["text"], language, author, context=tuple(before[-6:]), level=level, kind=known))
        before += [ChatTurn("user", turn["text"]), ChatTurn("assistant", exchange.reply)]
    return rows


def _told(turn: Mapping[str, Any], chance: random.Random, *, is_alarmed: bool) -> dict[str, str]:
    """What the companion is told of a turn."""
    told = {"user": turn["text"], "risk": turn["risk"], "kind": turn.get("kind", "neutral")}
    if is_alarmed and told["risk"] in ("none", "low") and chance.random() < _ALARMS:
        told |= {"risk": chance.choice(("low", "moderate")), "kind": chance.choice(_FALSE_KINDS)}
    return told
