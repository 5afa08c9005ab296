"""Reads a request into what the planner needs: turn, stage, topics, situations, feeling, and what was said before."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from ml.llm.companion import remembered
from ml.llm.companion.bank import Bank, Entry, load_bank
from ml.llm.companion.lexicon import Lexicon, length_of, load_lexicon, plain
from ml.types import Language, ReplyRequest, follows_human
from ml.understanding.labels import FEELING_OF_GOEMOTIONS, FEELINGS

TOPIC_FLOOR = 0.8  # one word anywhere; words of the last message weigh more, so the newest topic leads
# Wide topics give way to narrow ones; some narrow ones make the lines of a wide one wrong.
WEIGHT = {"grief": 1.5, "addiction": 1.4, "breakup": 1.2, "family": 0.85, "anxiety": 0.85, "low_mood": 0.85}
HIDES = {"grief": ("family", "couple", "breakup", "parenting"), "breakup": ("couple", "screen_game")}
LAST_WEIGHT, RECENT_WEIGHT, OLD_WEIGHT, RECENT_TURNS = 3.0, 1.0, 0.8, 4
ENTRIES_PER_REPLY = 3  # at most; so a lower bound on the turns
SHORT = {"en": 16, "zh": 5}  # a message so short still has the feeling of the one before
# A pleasant feeling is answered only where words bear it out: joy met with the wrong joy hurts.
PLEASANT = frozenset({"joy", "hope", "relief", "surprise"})
OF_LOVERS = frozenset({"contact_ex", "left_me", "cheated", "ignored"})
LONGEST_READ = 4000  # characters of a message that are looked at
BARE = {"en": 4, "zh": 5}
STATEMENT = {
    "en": re.compile(r"\b(i|i'm|im|i've|i'll|i'd|he|she|they|we|it|it's|he's|she's|he'll|she'll|they're)\b"),
    "zh": re.compile(r"我|想|死|[他她].|不[^知是用]"),
}
TRACE = {"en": 8, "zh": 4}  # shorter pieces would be found in replies they are not part of
LONG_STORY = {"en": 90, "zh": 150}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One request, understood. Texts are oldest first; `said` are the entries found in earlier replies, per reply."""

    request: ReplyRequest
    language: Language
    lexicon: Lexicon
    bank: Bank
    text: str
    earlier: tuple[str, ...]
    replies: tuple[str, ...]
    cues: tuple[str, ...]
    facets: tuple[str, ...]
    topics: tuple[str, ...]
    emotion: str
    stage: str
    said: tuple[tuple[Entry, ...], ...]
    used: frozenset[str]
    said_situations: frozenset[str]
    follows_human: bool = False
    near_memory: str = ""

    @property
    def is_first(self) -> bool:
        """True before anything was answered in this session."""
        return not (self.earlier or self.replies or self.request.used_entries)

    @property
    def knows_person(self) -> bool:
        """True where something of earlier talks, a plan or goals may be spoken of."""
        person = self.request.person
        return bool(self.request.memory or person.plan_steps or person.goals)

    @property
    def is_unclear(self) -> bool:
        """True where nothing in the message was recognised: no situation, no topic, no feeling."""
        return not (self.facets or self.topics) and self.emotion == "neutral"

    @property
    def turn(self) -> int:
        """Number of the person's messages so far, from 1; where only the last turns are seen, the lines used tell."""
        return max(len(self.earlier) + 1, len(self.request.used_entries) // ENTRIES_PER_REPLY + 1)

    @property
    def names_topic(self) -> bool:
        """True if the last message itself names a topic."""
        return any(pattern.search(plain(self.text)) for pattern in self.lexicon.topics.values())

    @property
    def is_short(self) -> bool:
        """True for an answer of a few words."""
        return length_of(self.text, self.language) <= (4 if self.language == "en" else 6)

    @property
    def is_bare(self) -> bool:
        """True for a word or two that tell nothing by themselves: an answer, a nod, a no."""
        if length_of(self.text, self.language) > BARE[self.language]:
            return False
        return not STATEMENT[self.language].search(plain(self.text))

    def has_cue(self, *names: str) -> bool:
        """True if one of the situations was recognised in the last message."""
        return any(name in self.cues for name in names)

    def has_said(self, *situations: str) -> bool:
        """True if an earlier reply used an entry of one of these situations."""
        return bool(self.said_situations & set(situations))

    def last_said(self, *situations: str) -> bool:
        """True if the reply just before did."""
        return bool(self.said) and any(entry.situation in situations for entry in self.said[-1])

    def last_strategy(self, *strategies: str) -> bool:
        """True if the reply just before used one of these strategies."""
        return bool(self.said) and any(entry.strategy in strategies for entry in self.said[-1])


def read(request: ReplyRequest) -> Dialogue:
    """Understand a request; nothing of it is kept."""
    language = request.language
    lexicon, bank = load_lexicon(language), load_bank(language)
    mine = [turn.text[:LONGEST_READ] for turn in request.turns if turn.role == "user"]
    text = mine[-1] if mine else ""
    earlier = tuple(mine[:-1])
    replies = tuple(turn.text for turn in request.turns if turn.role == "assistant")
    said = tuple(_entries_in(reply, bank) for reply in replies)
    folded = plain(text)
    size = length_of(text, language)
    cues = tuple(cue.name for cue in lexicon.cues if cue.is_met(folded, size))
    if size >= LONG_STORY[language]:
        cues = (*cues, "long_story")
    topics = _topics(text, earlier, lexicon)
    used = request.used_entries | {entry.id for reply in said for entry in reply}
    return Dialogue(
        request=request,
        language=language,
        lexicon=lexicon,
        bank=bank,
        text=text,
        earlier=earlier,
        replies=replies,
        cues=cues,
        facets=_facets(folded, size, topics, lexicon),
        topics=topics,
        emotion=_emotion(request, folded, earlier, lexicon),
        stage=_stage(len(earlier) + 1, cues),
        said=said,
        used=frozenset(used),
        said_situations=frozenset(bank.by_id[key].situation for key in used if key in bank.by_id),
        follows_human=follows_human(request.turns),
        near_memory=remembered.near(request.memory, topics, lexicon),
    )


def _facets(folded: str, size: int, topics: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    """What the message tells; words for a parted lover are not read so where someone has died."""
    found = (facet.name for facet in lexicon.facets if facet.is_met(folded, size))
    return tuple(name for name in found if not ("grief" in topics and name in OF_LOVERS))


def _topics(text: str, earlier: tuple[str, ...], lexicon: Lexicon) -> tuple[str, ...]:
    scores: dict[str, float] = defaultdict(float)
    old, recent = earlier[:-RECENT_TURNS], earlier[-RECENT_TURNS:]
    weighed = [(LAST_WEIGHT, text), *((RECENT_WEIGHT, t) for t in recent), *((OLD_WEIGHT, t) for t in old)]
    for weight, words in ((weight, plain(said)) for weight, said in weighed):
        for topic, pattern in lexicon.topics.items():
            hits = len(set(pattern.findall(words)))
            scores[topic] += weight * min(hits, 3) ** 0.5 if hits else 0.0
    for topic in scores:
        scores[topic] *= WEIGHT.get(topic, 1.0)
    named = [topic for topic in sorted(scores, key=lambda name: -scores[name])[:3] if scores[topic] >= TOPIC_FLOOR]
    hidden = {other for topic in named for other in HIDES.get(topic, ())}
    return tuple(topic for topic in named if topic not in hidden)


def _emotion(request: ReplyRequest, folded: str, earlier: tuple[str, ...], lexicon: Lexicon) -> str:
    """The reader's label; where it is neutral, or the words name something finer, the words decide."""
    given = FEELING_OF_GOEMOTIONS.get(request.emotion, request.emotion)
    named = next((name for name, pattern in lexicon.emotions.items() if pattern.search(folded)), "")
    if named and (given in PLEASANT | {"neutral", "sadness"} or given not in FEELINGS):
        return named
    if given in FEELINGS and given not in PLEASANT and given != "neutral":
        return given
    if earlier and len(folded) < SHORT[request.language]:
        return next((n for n, p in lexicon.emotions.items() if p.search(plain(earlier[-1]))), "neutral")
    return "neutral"


def _stage(turn: int, cues: tuple[str, ...]) -> str:
    if "closing" in cues:
        return "closing"
    if turn == 1:
        return "returning" if "returning" in cues else "opening"
    if "advice_now" in cues or turn >= 6:
        return "acting"
    return "exploring" if turn <= 3 else "deepening"


def _entries_in(reply: str, bank: Bank) -> tuple[Entry, ...]:
    """Bank entries whose longest literal piece stands in a reply: how a session remembers what was said."""
    return tuple(entry for entry in bank.entries if len(entry.trace) >= TRACE[bank.language] and entry.trace in reply)
