"""Puts chosen lines together into one reply: order, length, one question at most, and never nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ml.llm.companion import planner
from ml.llm.companion.choice import Chooser, Want
from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.slots import slot_values
from ml.types import RiskLevel

# Words (en) or characters (zh) a reply may hold; behaviours.json BRIEF caps the higher levels.
ROOM = {"en": (75, 112), "zh": (120, 190)}
# Where every fitting line is spent: anything that can always be said.
LAST_RESORT = Want(tiers=(("open",), ("open_ask",), ("any",), ("silence",)), topics="both")
CRISIS_RESORT = Want(tiers=(("c_stay_ask",), ("c_follow",), ("c_stay",), ("staying",), ("being_with_someone",)))


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply with the strategy that leads it and the entries it is made of."""

    text: str
    strategy: str
    entries: tuple[str, ...]


def compose(dialogue: Dialogue, rng: random.Random) -> Reply:
    """Write the reply to a dialogue."""
    is_crisis = dialogue.request.risk >= RiskLevel.MODERATE
    chooser = Chooser(dialogue, slot_values(dialogue), rng, ROOM[dialogue.language][is_crisis])
    for want in planner.plan(dialogue):
        if not (want.asks and chooser.has_question):
            chooser.add(want)
    if len(chooser.texts) == 1 and not (is_crisis or chooser.has_question or dialogue.stage == "closing"):
        chooser.add(Want(tiers=(dialogue.facets[:3], ("open_ask",)), asks=True))
    if not chooser.texts and not chooser.add(CRISIS_RESORT if is_crisis else LAST_RESORT):
        return _spent(dialogue, rng)
    joiner = " " if dialogue.language == "en" else ""
    return Reply(
        text=joiner.join(chooser.texts),
        strategy=_strategy(chooser),
        entries=tuple(entry.id for entry in chooser.chosen),
    )


def _strategy(chooser: Chooser) -> str:
    """The part that moves the talk on names the strategy; a lone reflection names itself."""
    return chooser.chosen[-1].strategy


def _spent(dialogue: Dialogue, rng: random.Random) -> Reply:
    """Every line was said once: begin again with the session's memory wiped rather than fall silent."""
    names = ("c_stay_ask", "c_follow") if dialogue.request.risk >= RiskLevel.MODERATE else ("open_ask", "open")
    recent = {entry.id for reply in dialogue.said[-8:] for entry in reply}
    choices = [entry for entry in dialogue.bank.of(*names) if not entry.slots and entry.id not in recent]
    entry = rng.choice(choices)
    return Reply(text=entry.text, strategy=entry.strategy, entries=(entry.id,))
