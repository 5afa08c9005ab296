"""Chooses the line for one part of a reply: what fits the moment, can be filled, and was not said in this session."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ml.llm.companion.bank import ANY, QUESTION, Entry
from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.lexicon import length_of
from ml.llm.companion.semantic import Vector, load_index
from ml.llm.companion.slots import fill

BROAD = 4  # a line for so many feelings fits where none is clear
SLOT_WORTH = {"quote": 0.7, "event": 0.6, "person": 0.5, "earlier": 0.8, "answer": 1.0, "feeling": 0.2, "name": 0.0}
NOISE, NOVELTY, LIKENESS = 0.6, 2.5, 1.2
# Advice and facts only on what the talk is about first of all.
FIRST_TOPIC = frozenset({"suggestion", "information"})
# Situations whose lines may close although the person has not said goodbye.
ENDS = frozenset({"thanks", "closing_short"})
REFUSAL = {"en": 0.22, "zh": 0.16}  # likeness below which a line is refused where nothing else speaks for it
PLAIN = 0.4  # the later, plainer lines are nearer to the voice wanted
# Slots that may stand twice in one reply.
REPEATABLE = frozenset({"name", "crisis_line", "emergency_number"})


@dataclass(frozen=True, slots=True)
class Want:
    """One part of a reply. `tiers` are groups of situations; the first group that yields a line is taken.

    `topics` limits lines of the situation "any" to those that name a topic (own), none (free), or either (both).
    """

    tiers: tuple[tuple[str, ...], ...]
    strategies: frozenset[str] = frozenset()
    asks: bool | None = None
    topics: str = "both"


@dataclass(slots=True)
class Chooser:
    """State while one reply is put together: what is left of its length, and what it already holds."""

    dialogue: Dialogue
    values: Mapping[str, str]
    rng: random.Random
    room: int
    query: Vector = field(default_factory=dict)
    past: tuple[Vector, ...] = ()
    texts: list[str] = field(default_factory=list)
    chosen: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        index = load_index(self.dialogue.language)
        self.query = index.vector(" ".join((*self.dialogue.earlier[-1:], self.dialogue.text)))
        self.past = tuple(index.vector(reply) for reply in self.dialogue.replies[-6:])

    @property
    def has_question(self) -> bool:
        """True once a question stands in the reply."""
        return any(QUESTION.search(text) for text in self.texts)

    def add(self, want: Want) -> bool:
        """Choose and append a line; False where none fits."""
        for tier in want.tiers:
            best = self._best(self.dialogue.bank.of(*tier), want)
            if best:
                entry, text = best
                self.chosen.append(entry)
                self.texts.append(text)
                self.room -= length_of(text, self.dialogue.language)
                return True
        return False

    def _best(self, entries: Iterable[Entry], want: Want) -> tuple[Entry, str] | None:
        scored: list[tuple[float, str, Entry, str]] = []
        for entry in entries:
            if not self._is_open(entry, want):
                continue
            text = fill(entry, self.values)
            if text is not None and length_of(text, self.dialogue.language) <= self.room:
                scored.append((self._score(entry, want), entry.id, entry, text))
        if not scored:
            return None
        _, _, entry, text = max(scored, key=lambda item: item[:2])
        return entry, text

    def _is_open(self, entry: Entry, want: Want) -> bool:
        dialogue = self.dialogue
        if entry.id in dialogue.used or entry in self.chosen or entry.questions > 1:
            return False
        if want.strategies and entry.strategy not in want.strategies:
            return False
        if (want.asks is not None and want.asks != bool(entry.questions)) or (self.has_question and entry.questions):
            return False
        if entry.strategy == "closing" and dialogue.stage != "closing" and entry.situation not in ENDS:
            return False
        if entry.slots & {slot for other in self.chosen for slot in other.slots if slot not in REPEATABLE}:
            return False
        if dialogue.is_unclear and entry.situation == ANY and self._is_far(entry):
            return False
        return self._fits_topic(entry, want) and self._fits_feeling(entry) and self._fits_stage(entry)

    def _is_far(self, entry: Entry) -> bool:
        """Where nothing was recognised, a line must be near in wording, or an open question takes its place."""
        return load_index(self.dialogue.language).similarity(self.query, entry.id) < REFUSAL[self.dialogue.language]

    def _fits_topic(self, entry: Entry, want: Want) -> bool:
        if entry.situation != ANY:
            return ANY in entry.topics or bool(entry.topics) and not self._is_off_topic(entry)
        if ANY in entry.topics:
            return want.topics != "own"
        near = self.dialogue.topics[:1] if entry.strategy in FIRST_TOPIC else self.dialogue.topics
        return want.topics != "free" and any(topic in entry.topics for topic in near)

    def _is_off_topic(self, entry: Entry) -> bool:
        """A named situation decides by itself, except where the line speaks of a topic that is certainly another."""
        narrow = {"postpartum", "couple", "teen", "body_eating", "grief", "breakup"}
        return bool(entry.topics) and entry.topics <= narrow and not entry.topics & set(self.dialogue.topics)

    def _fits_feeling(self, entry: Entry) -> bool:
        if ANY in entry.emotions or self.dialogue.emotion in entry.emotions or entry.situation != ANY:
            return True
        is_broad = "neutral" in entry.emotions or len(entry.emotions) >= BROAD
        return self.dialogue.emotion == "neutral" and entry.strategy != "reflection_of_feelings" and is_broad

    def _fits_stage(self, entry: Entry) -> bool:
        """Lines for the end or for a return never come in between; other stages only count in the score."""
        if ANY in entry.stages or entry.situation not in {ANY, "check_in"}:
            return True
        return bool(entry.stages - {"closing", "returning"}) or self.dialogue.stage in entry.stages

    def _score(self, entry: Entry, want: Want) -> float:
        dialogue = self.dialogue
        index = load_index(dialogue.language)
        vector = index.vectors[entry.id]
        score = NOISE * self.rng.random() + LIKENESS * index.similarity(self.query, entry.id)
        score -= NOVELTY * max((index.similarity(past, entry.id) for past in self.past), default=0.0) if vector else 0.0
        score += 1.0 if dialogue.topics and dialogue.topics[0] in entry.topics else 0.0
        score += 0.4 if set(dialogue.topics[1:]) & entry.topics else 0.0
        score += 0.6 if dialogue.emotion in entry.emotions else 0.0
        score += 0.4 if dialogue.stage in entry.stages else 0.0
        score += max((SLOT_WORTH.get(slot, 0.0) for slot in entry.slots), default=0.0)
        score += PLAIN if entry.id.startswith("m") else 0.0
        score += self._rank(entry.situation, want)
        if "name" in entry.slots and "name" in self.values:
            recent = " ".join(dialogue.replies[-3:])
            score += -1.0 if self.values["name"] in recent else 0.1
        return score

    @staticmethod
    def _rank(situation: str, want: Want) -> float:
        """Within a tier the situations named first lead."""
        tier = next((tier for tier in want.tiers if situation in tier), ())
        return -0.25 * tier.index(situation) if situation in tier else 0.0
