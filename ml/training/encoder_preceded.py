"""Rows put after plain talk: a word about an exam beforehand must not change what a message says by itself."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from ml.encoder.tokens import CONTEXT_TURNS
from ml.training.encoder_rows import Row
from ml.types import ChatTurn, Language, RiskLevel

Opening = tuple[ChatTurn, ...]
Openings = dict[Language, list[Opening]]
# The voice that rows are judged after: no encoder that judges has ever learned from it.
JUDGED_AFTER = "q"
_SEED = 7


def openings(rows: Sequence[Row]) -> Openings:
    """Stretches of talk, an exchange or more, in which the person said nothing above low; by language.

    They are taken from the contexts of `rows`; a turn counts as harmless where it is itself a row, of such a level.
    """
    harmless = {row.text for row in rows if row.level is not None and row.level <= RiskLevel.LOW}
    harmless -= {row.text for row in rows if row.level is not None and row.level > RiskLevel.LOW}
    found: dict[Language, dict[Opening, None]] = {"en": {}, "zh": {}}
    for row in rows:
        for length in range(2, CONTEXT_TURNS + 1, 2):
            part = row.context[-length:]
            if len(part) == length and _is_plain(part, harmless):
                found[row.language][part] = None
    return {language: list(parts) for language, parts in found.items()}


def preceded(rows: Sequence[Row], known: Openings, share: float, chance: random.Random) -> list[Row]:
    """The same rows; of those with an author and a level, `share` have an opening before what was before."""
    return [_after(row, known, chance) if _is_labelled(row) and chance.random() < share else row for row in rows]


def after_openings(rows: Sequence[Row]) -> list[Row]:
    """Each of a language's rows after plain talk, always the same: for scores, and for what is learned from scores."""
    known = openings([row for row in rows if row.author == JUDGED_AFTER])
    return [_after(row, known, random.Random(f"{_SEED}/{place}")) for place, row in enumerate(rows)]


def _after(row: Row, known: Openings, chance: random.Random) -> Row:
    """The row itself where nothing is known in its language."""
    fitting = known[row.language]
    return replace(row, context=(*chance.choice(fitting), *row.context)) if fitting else row


def _is_labelled(row: Row) -> bool:
    return bool(row.author) and row.level is not None


def _is_plain(part: Opening, harmless: set[str]) -> bool:
    """True for exchanges that begin with the person, all of them harmless, and end with a reply."""
    said = [turn for turn in part if turn.role == "user"]
    return part[0].role == "user" and part[-1].role != "user" and all(turn.text in harmless for turn in said)
