"""Questions of fact, answered from the library with the title in sight, or not at all. Writes no sentence of its own.

Only articles whose review state permits use are quoted, as on the side of plans.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from ml.llm.companion.bank import QUESTION
from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.lexicon import length_of, load_lexicon, plain
from ml.llm.companion.retrieval import Document, Found, Shelf, load_shelf
from ml.llm.companion.skills import Spoken
from ml.types import Language, Passage, ReplyRequest

PREFIX = "article:"
ROOM = {"en": 85, "zh": 150}  # words or characters quoted at once
MOST_PASSAGES = 2
# What a sentence without a word of the question costs, and what the opening is worth where the question is wide.
BESIDE, OPENING = -0.08, 2.0
AROUND = 3  # sentences that are told at least where they fit


def speak(dialogue: Dialogue, rng: random.Random) -> Spoken | None:
    """The answer to a question of fact in the last message, with its source; None where none was asked."""
    shelf = load_shelf(dialogue.language)
    named = next((shelf.cues[cue] for cue in dialogue.cues if cue in shelf.cues), "")
    if not named and not _is_asked(dialogue.text, shelf):
        return None
    found = shelf.by_id(named, dialogue.text) if named else shelf.find(dialogue.text)
    if found is None:
        return _nothing(dialogue, shelf, rng)
    if not found.document.is_usable:
        return _waiting(dialogue, shelf, found.document, named, rng)
    return _quoted(dialogue, shelf, found, rng)


def passages(text: str, language: Language) -> tuple[Passage, ...]:
    """What a language model may rest its answer on; empty where the message asks for no fact or nothing fits."""
    shelf = load_shelf(language)
    folded = plain(text)
    lexicon = load_lexicon(language)
    named = [shelf.cues[cue.name] for cue in lexicon.cues if cue.name in shelf.cues and cue.is_met(folded, 0)]
    if not named and not _is_asked(text, shelf):
        return ()
    best = [found.document for found in shelf.ranked(text)]
    first = [shelf.documents[name] for name in named]
    chosen = [document for document in dict.fromkeys((*first, *best)) if document.is_usable][:MOST_PASSAGES]
    return tuple(Passage(PREFIX + document.id, document.title, " ".join(document.sentences)) for document in chosen)


def sources(request: ReplyRequest, reply: str, entries: Sequence[str]) -> tuple[str, ...]:
    """Ids of the articles a finished reply rests on: those it was made of, and passages whose title it names."""
    made_of = [entry for entry in entries if entry.startswith(PREFIX)]
    named = [passage.id for passage in request.passages if passage.title in reply]
    return tuple(dict.fromkeys((*made_of, *named)))


def _is_asked(text: str, shelf: Shelf) -> bool:
    folded = plain(text)
    return any(p.search(folded) for p in shelf.asks) and not any(p.search(folded) for p in shelf.vetoes)


def _quoted(dialogue: Dialogue, shelf: Shelf, found: Found, rng: random.Random) -> Spoken:
    said = " ".join(dialogue.replies)
    document = found.document
    window = _window(document, found, said, dialogue.language)
    source = shelf.lines["source_approved" if document.is_approved else "source"][0].format(title=document.title)
    joiner = " " if dialogue.language == "en" else ""
    words = joiner.join(window) if window else _fresh(shelf, "all_said", said, rng)
    ask = _fresh(shelf, "ask", said, rng)
    return Spoken((words, ask, "\n" + source), (PREFIX + document.id,), "information")


def _window(document: Document, found: Found, said: str, language: Language) -> tuple[str, ...]:
    """The run of sentences that answers best and fits; sentences told before are left out."""
    left = [place for place, sentence in enumerate(document.sentences) if sentence not in said]
    # A question after the matter of the whole article begins at its beginning.
    is_wide = found.is_wide
    best: tuple[float, tuple[int, ...]] = (-9.0, ())
    for start in left:
        run: list[int] = []
        for place in left[left.index(start) :]:
            if run and place != run[-1] + 1:
                break
            text = " ".join(document.sentences[number] for number in (*run, place))
            if length_of(text, language) > ROOM[language]:
                break
            run.append(place)
            if not is_wide and len(run) >= AROUND and not found.worth[place]:
                break
        worth = sum(found.worth[place] or BESIDE for place in run) + (OPENING if is_wide and start == left[0] else 0.0)
        if worth > best[0] + 1e-9:
            best = (worth, tuple(run))
    return tuple(document.sentences[place] for place in best[1])


def _waiting(dialogue: Dialogue, shelf: Shelf, document: Document, cue_article: str, rng: random.Random) -> Spoken:
    """An article that a clinician must read first: a short text of the bank if there is one, else only its title."""
    said = " ".join(dialogue.replies)
    cues = [cue for cue, article in shelf.cues.items() if article == document.id and cue_article]
    for entry in dialogue.bank.of(*cues):
        if entry.id not in dialogue.used:
            told = [part for part in re.split(r"(?<=[.。！!？?])\s*", entry.text) if part and not QUESTION.search(part)]
            text = (" " if dialogue.language == "en" else "").join(told)
            ask = _fresh(shelf, "ask", said, rng)
            source = shelf.lines["source_bank"][0].format(title=document.title)
            return Spoken((text, ask, "\n" + source), (entry.id,), "information")
    text = _fresh(shelf, "waits", said, rng, title=document.title)
    return Spoken((text, _fresh(shelf, "ask", said, rng)), (f"waits:{document.id}",), "boundary")


def _nothing(dialogue: Dialogue, shelf: Shelf, rng: random.Random) -> Spoken | None:
    """Says that nothing fits, where the question was plainly one of fact; else the talk goes on as usual."""
    if (
        not shelf.strict.search(plain(dialogue.text))
        or dialogue.has_cue("off_topic", "capabilities")
        or dialogue.facets
    ):
        return None
    said = " ".join(dialogue.replies)
    return Spoken(
        (_fresh(shelf, "none", said, rng), _fresh(shelf, "ask_none", said, rng)), ("answer:none",), "boundary"
    )


def is_asked(dialogue: Dialogue) -> bool:
    """True where the message asks for a fact, and so may break into a skill."""
    shelf = load_shelf(dialogue.language)
    return dialogue.has_cue(*shelf.cues) or ("?" in plain(dialogue.text) and _is_asked(dialogue.text, shelf))


def _fresh(shelf: Shelf, kind: str, said: str, rng: random.Random, **slots: str) -> str:
    lines = [line.format(**slots) for line in shelf.lines[kind]]
    return rng.choice([line for line in lines if line not in said] or lines)
