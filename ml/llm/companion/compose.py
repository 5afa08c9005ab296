"""Puts chosen lines together into one reply: order, length, one question at most, and never nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from ml.llm.companion import aside, planner
from ml.llm.companion.choice import Chooser, Want
from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.slots import slot_values
from ml.types import RiskLevel

# Words (en) or characters (zh) a reply may hold; behaviours.json BRIEF caps the higher levels.
ROOM = {"en": (75, 112), "zh": (120, 190)}
KNOWN_ROOM = {"en": (180, 112), "zh": (300, 190)}
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
    """Write the reply to a dialogue: a skill's or the library's part where one is due, else lines of the bank."""
    spoken = aside.speak(dialogue, rng)
    return _joined(dialogue, spoken.texts, spoken.strategy, spoken.entries) if spoken else _from_bank(dialogue, rng)


def _from_bank(dialogue: Dialogue, rng: random.Random) -> Reply:
    is_crisis = dialogue.request.risk >= RiskLevel.MODERATE
    # What is known of a person is told whole or it would be told wrongly.
    room = KNOWN_ROOM if dialogue.has_cue("know_me", "sum_up") and not is_crisis else ROOM
    chooser = Chooser(dialogue, slot_values(dialogue), rng, room[dialogue.language][is_crisis])
    wants, after = aside.around(dialogue, planner.plan(dialogue), rng)
    for want in wants:
        if not (want.asks and chooser.has_question):
            chooser.add(want)
    if after:
        entries = (*(entry.id for entry in chooser.chosen), *after.entries)
        return _joined(dialogue, (*chooser.texts, *after.texts), after.strategy, entries)
    if len(chooser.texts) == 1 and not (is_crisis or chooser.has_question or dialogue.stage == "closing"):
        chooser.add(Want(tiers=(dialogue.facets[:3], ("open_ask",)), asks=True))
    if not chooser.texts and not chooser.add(CRISIS_RESORT if is_crisis else LAST_RESORT):
        return _spent(dialogue, rng)
    return _joined(dialogue, chooser.texts, _strategy(chooser), tuple(entry.id for entry in chooser.chosen))


def _joined(dialogue: Dialogue, texts: Iterable[str], strategy: str, entries: tuple[str, ...]) -> Reply:
    """One text; a line that brings its own line break (a source) keeps it."""
    joiner = " " if dialogue.language == "en" else ""
    return Reply(text=joiner.join(texts).replace(f"{joiner}\n", "\n"), strategy=strategy, entries=entries)


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
