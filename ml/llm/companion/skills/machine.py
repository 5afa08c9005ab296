"""The one machine behind all guided skills: offer, begin, next step, ask again, leave, look back, next small step.

Keeps nothing: the place is read from the conversation. Whether a skill may run at all (risk) is decided by its caller.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ml.llm.companion.bank import SLOT
from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.lexicon import plain
from ml.llm.companion.skills.fitting import kind_of, number_in, pieces, said_back, turned
from ml.llm.companion.skills.place import Place, find, used_lines
from ml.llm.companion.skills.records import Line, Skill, Step, load_skills
from ml.types import Language

# Wordings that lead in: left out rather than said twice.
LEADS = frozenset({"begin", "no_hurry", "leave_it", "ack", "resume"})
MISFITS = 2  # times a question is put again before the skill goes on without an answer
APART = 5  # replies between two offers
LOW, HIGH = 4, 7  # ratings below and from


@dataclass(frozen=True, slots=True)
class Spoken:
    """Lines of a skill, filled, with their ids."""

    texts: tuple[str, ...]
    entries: tuple[str, ...]
    strategy: str = "suggestion"


class _Voice:
    """Picks wordings that this session has not heard, and gathers them."""

    def __init__(self, dialogue: Dialogue, rng: random.Random) -> None:
        self.dialogue, self.rng = dialogue, rng
        self.skills = load_skills(dialogue.language)
        self.used = used_lines(dialogue.request)
        self.texts: list[str] = []
        self.entries: list[str] = []

    def say(self, lines: Sequence[Line], **slots: str) -> _Voice:
        """Add one of the lines: one not yet used if there is one, and only those whose slots can be filled."""
        fit = [line for line in lines if "{" not in line.text or all(slots.values())]
        fit = [line for line in fit if "{" in line.text] or fit
        fresh = [line for line in fit if line.id not in self.used]
        if not fresh and not (fit and fit[0].kind in LEADS):
            fresh = fit
        if fresh:
            line = self.rng.choice(fresh)
            self.entries.append(line.id)
            text = _with_article(line.text.format(**slots)) if "{" in line.text else line.text
            self.texts.append(text[:1].upper() + text[1:])
        return self

    def common(self, kind: str, **slots: str) -> _Voice:
        """Add a wording that all skills share."""
        return self.say(self.skills.common.lines[kind], **slots)

    def done(self, strategy: str = "suggestion") -> Spoken:
        """What was gathered."""
        return Spoken(tuple(self.texts), tuple(self.entries), strategy)


def turn(dialogue: Dialogue, rng: random.Random) -> Spoken | None:
    """The skill's part of the talk for this message; None where no skill is open, asked for, or meant."""
    voice, place = _Voice(dialogue, rng), find(dialogue.request)
    wanted = _wanted(dialogue)
    if wanted and (place is None or wanted.id != place.skill.id or place.kind in {"offer", "next", "rate"}):
        return _begin(voice, wanted)
    if place is None or dialogue.has_cue("closing"):
        return None
    if place.kind == "offer":
        return _after_offer(voice, place)
    if _leaves(dialogue, place):
        return voice.common("left").done()
    if place.kind in {"rate", "rate_again"}:
        return _after_rating(voice, place)
    if place.kind == "next":
        return _after_next(voice, place)
    return _after_step(voice, place)


def offer(dialogue: Dialogue, rng: random.Random) -> Spoken | None:
    """An offer of a skill that fits what was told, as a question; None where none fits or one was offered lately."""
    voice = _Voice(dialogue, rng)
    seen = {key.split(".")[0] for key in voice.used}
    recent = " ".join(dialogue.replies[-APART:])
    if any(line.text in recent for skill in voice.skills.skills for line in skill.offers):
        return None
    open_to = [skill for skill in voice.skills.skills if f"skill:{skill.id}" not in seen]
    scored = [(_fit(dialogue, skill), -place, skill) for place, skill in enumerate(open_to)]
    best = max(scored, key=lambda item: item[:2], default=None)
    if best is None or best[0] <= 0:
        return None
    return voice.say(best[2].offers).done()


def is_wanted(dialogue: Dialogue) -> bool:
    """True where the message asks for a skill."""
    return _wanted(dialogue) is not None


def is_urgent(dialogue: Dialogue) -> bool:
    """True where the message itself calls for a skill at once: fear in the body, now."""
    folded = plain(dialogue.text)
    return any(skill.at_once and skill.at_once.search(folded) for skill in load_skills(dialogue.language).skills)


def resume(dialogue: Dialogue, rng: random.Random) -> Spoken | None:
    """The open question once more, after something else was answered in between."""
    place = find(dialogue.request)
    if place is None or place.kind not in {"ask", "again", "help"}:
        return None
    return _Voice(dialogue, rng).common("resume").say(_again_lines(place)).done()


def _wanted(dialogue: Dialogue) -> Skill | None:
    """The skill a message asks for by name, or by a yes to a suggestion to breathe."""
    folded = plain(dialogue.text)
    skills = load_skills(dialogue.language)
    if (
        dialogue.has_cue("accept")
        and dialogue.replies
        and skills.common.patterns["breath"].search(dialogue.replies[-1])
    ):
        return None if find(dialogue.request) else skills.of("breathing")
    return skills.asked_for(folded)


def _fit(dialogue: Dialogue, skill: Skill) -> float:
    """How well a skill suits the moment: what the message tells, what the talk is about, the feeling."""
    if skill.at_once and skill.at_once.search(plain(dialogue.text)):
        return 9.0
    facets, topics = skill.fits.get("facets", frozenset()), skill.fits.get("topics", frozenset())
    told = 2.0 * len(facets & set(dialogue.facets))
    about = 1.5 * bool(dialogue.topics and dialogue.topics[0] in topics)
    return told + about + (0.4 * (dialogue.emotion in skill.fits.get("feelings", frozenset())) if told + about else 0)


def _begin(voice: _Voice, skill: Skill) -> Spoken:
    return voice.common("begin").say(_first(skill.steps[0].asks)).done()


def _first(asks: Sequence[Line]) -> list[Line]:
    return [line for line in asks if not line.is_zero]


def _after_offer(voice: _Voice, place: Place) -> Spoken | None:
    folded, patterns = plain(place.answer), voice.skills.common.patterns
    if patterns["no"].search(folded):
        return voice.common("declined").done()
    if patterns["yes"].search(folded):
        return _begin(voice, place.skill)
    return None


def _leaves(dialogue: Dialogue, place: Place) -> bool:
    patterns = load_skills(dialogue.language).common.patterns
    folded = plain(place.answer)
    return patterns["exit"].search(folded) is not None


def _after_step(voice: _Voice, place: Place) -> Spoken | None:
    step = place.skill.steps[place.step]
    kind = kind_of(voice.dialogue, step, place.answer)
    if kind == "aside":
        return None
    if kind != "fits" and place.times <= MISFITS:
        return voice.common("no_hurry").say(step.helps if kind == "unknown" else _again_lines(place)).done()
    if kind != "fits":
        voice.common("leave_it")
    elif step is not place.skill.steps[-1]:
        _take_up(voice, step, place.answer)
    return _on(voice, place)


def _again_lines(place: Place) -> Sequence[Line]:
    return place.skill.steps[place.step].agains


def _take_up(voice: _Voice, step: Step, answer: str) -> None:
    """Say that the answer was heard, with its words where they may be said."""
    language = voice.dialogue.language
    words = ""
    if step.expects == "number":
        words = str(number_in(answer))
    elif step.expects == "list":
        words = (", " if language == "en" else "、").join(turned(piece, language) for piece in pieces(answer)[:5])
        words = words if len(pieces(words)) == min(len(pieces(answer)), 5) else ""
    elif step.expects == "words":
        words = turned(answer, language)
    lines = step.acks or voice.skills.common.lines["ack"]
    plain_lines = [line for line in lines if "{" not in line.text] or voice.skills.common.lines["ack"]
    voice.say(lines if words else plain_lines, answer=words)


def _on(voice: _Voice, place: Place) -> Spoken:
    """The next step's question, or the look back."""
    skill, following = place.skill, place.step + 1
    if following < len(skill.steps):
        asks = skill.steps[following].asks
        is_zero = skill.steps[place.step].expects == "number" and number_in(place.answer) == 0
        zero = [line for line in asks if line.is_zero]
        return voice.say(zero if is_zero and zero else _first(asks)).done()
    answers = {**place.answers, skill.steps[place.step].id: place.answer}
    for with_words, without in skill.recap:
        slots = _recap_slots(with_words.text, answers, voice.dialogue.language)
        if all(slots.values()):
            voice.say((with_words,), **slots)
        elif without:
            voice.say((without,))
    return voice.common("rate").done("restatement")


def _recap_slots(text: str, answers: Mapping[str, str], language: Language) -> dict[str, str]:
    """What a line of the look back needs: words in quotation marks as they were written, others turned to "you"."""
    slots = {}
    for name in SLOT.findall(text):
        is_quoted = f"“{{{name}}}”" in text or f"「{{{name}}}」" in text
        words = answers.get(name, "")
        number = number_in(words) if name == "where" else None
        slots[name] = str(number) if number is not None else (said_back if is_quoted else turned)(words, language)
    return slots


def _with_article(text: str) -> str:
    return re.sub(r"\bA 8\b", "An 8", re.sub(r"\ba 8\b", "an 8", text))


def _after_rating(voice: _Voice, place: Place) -> Spoken:
    rating = number_in(place.answer)
    if rating is None and place.kind == "rate":
        return voice.common("rate_again").done()
    if rating is None:
        voice.common("leave_it")
    else:
        voice.common("low" if rating < LOW else "middle" if rating < HIGH else "high", rating=str(rating))
    return voice.say(place.skill.nexts or voice.skills.common.lines["next"]).done()


def _after_next(voice: _Voice, place: Place) -> Spoken:
    folded, patterns = plain(place.answer), voice.skills.common.patterns
    if patterns["unknown"].search(folded) or patterns["no"].search(folded) or patterns["nod"].fullmatch(folded):
        return voice.common("end_open").done("closing")
    words = said_back(place.answer, voice.dialogue.language)
    return voice.common("end" if words else "end_plain", **({"answer": words} if words else {})).done("affirmation")
