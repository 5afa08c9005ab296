"""Values for the slots of bank lines, and the filling itself. A line whose slot has no value is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ml.llm.companion import remembered
from ml.llm.companion.bank import SLOT, Entry
from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.lexicon import length_of, plain
from ml.llm.companion.own_words import clauses, is_safe, second_person
from ml.llm.companion.skills.records import load_skills
from ml.llm.guard import check
from ml.types import Language, RiskLevel

# Spoken where the locale has no number: the page every screen links to.
NO_LINE = {"en": "the crisis line on the “Get help now” page", "zh": "「立即求助」页面上的热线"}
NO_EMERGENCY = {"en": "your local emergency number", "zh": "当地急救电话"}
CLAUSE = re.compile(
    r"^(ok|okay|yes|no|yeah|maybe|sure|好|行|不|嗯|是)|\b(he|she|it|they|that|this|i|you)('s|'re|'ll)?\b"
)
SINGULAR = re.compile(r"\b(does|is|was|has) \{person\}|\{person\} (is|was|has|does|thinks|knows|comes)\b")
NAME = re.compile(r"[^\W\d_][\w'’·. -]{0,24}")  # what may be spoken as a name; anything longer or odder is left out
TOLD = ("told", "told2", "told3")
INTENT_LEAD = {
    "en": re.compile(r"^((ok|okay|maybe|yeah|yes|sure|so|fine|well|alright|i guess|i think)\W+)+", re.IGNORECASE),
    "zh": re.compile(r"^(好吧?|行吧?|嗯|那|要不|也许|可能)+[，, ]*"),
}
LONGEST_INTENT = 20  # words or characters
PRACTICE = {"en": "slow breathing", "zh": "慢呼吸"}


def slot_values(dialogue: Dialogue) -> dict[str, str]:
    """All slots that can be filled honestly for this turn."""
    request, language = dialogue.request, dialogue.language
    values = {
        "crisis_line": request.crisis_line or NO_LINE[language],
        "emergency_number": request.emergency_number or NO_EMERGENCY[language],
        "practice": PRACTICE[language],
        **_from_person(dialogue),
    }
    if request.risk < RiskLevel.HIGH:
        values |= _from_words(dialogue)
    return {name: value for name, value in values.items() if value}


def _from_person(dialogue: Dialogue) -> dict[str, str]:
    person = dialogue.request.person
    step = next((s for s in person.plan_steps if is_safe(s, dialogue.language)), "")
    joiner = "; " if dialogue.language == "en" else "；"
    return {
        "name": person.name.strip() if NAME.fullmatch(person.name.strip()) else "",
        "step": step.strip().rstrip(".。"),
        "steps": joiner.join(s.strip().rstrip(".。") for s in person.plan_steps),
        "goals": joiner.join(g.strip().rstrip(".。") for g in person.goals),
        "goal": next((g.strip().rstrip(".。") for g in person.goals if is_safe(g, dialogue.language)), ""),
        "memory": remembered.told(dialogue.request.memory, dialogue.language),
        "near": dialogue.near_memory,
        "memories": remembered.listed(dialogue.request.memory, dialogue.language),
    }


def _from_words(dialogue: Dialogue) -> dict[str, str]:
    language, replies = dialogue.language, " ".join(dialogue.replies)
    said = replies.lower()
    fresh = [c for c in clauses(dialogue.text, language) if c.lower() not in said and _is_sayable(c, language)]
    older = [c for text in dialogue.earlier[:-1] for c in clauses(text, language)[:1]]
    older = [c for c in older if c.lower() not in said and _is_sayable(c, language)]
    values = {
        "quote": fresh[0] if fresh else "",
        "earlier": older[0] if older else "",
        "event": _event(dialogue),
        "person": _person(dialogue),
        "feeling": _feeling(dialogue),
        "intent": _intent(dialogue),
        **_told(dialogue),
    }
    if dialogue.is_short and is_safe(dialogue.text, language):
        answer = second_person(dialogue.text, language).strip(" .,!?。，！？…～~").rstrip("吧呢啊呀了")
        answer = re.sub(r"^(but|and|so|well|or|because)\s+", "", answer)
        number = re.search(r"\d+(\.\d)?|[零一二两三四五六七八九十]", answer) if dialogue.has_cue("number") else None
        answer = number.group() if number else answer
        values["answer"] = answer if _is_sayable(answer, language) and not _is_clause(answer) else ""
    return values


def _told(dialogue: Dialogue) -> dict[str, str]:
    """Up to three things the person told, the first, one between and the last, for a look back."""
    language = dialogue.language
    found: list[str] = []
    for text in dialogue.earlier:
        if load_skills(language).asked_for(plain(text)):
            continue
        best = next((c for c in clauses(text, language) if _is_sayable(c, language) and c not in found), "")
        if best and not dialogue.lexicon.shows("intends", text):
            found.append(best)
    if len(found) > len(TOLD):
        found = [found[0], found[len(found) // 2], found[-1]]
    return dict(zip(TOLD, found, strict=False))


def _intent(dialogue: Dialogue) -> str:
    """What the person said they would do, in their words, the latest."""
    for text in reversed(dialogue.earlier[-8:]):
        if dialogue.lexicon.shows("intends", text) and is_safe(text, dialogue.language):
            words = INTENT_LEAD[dialogue.language].sub("", text.strip()).strip(" .。!！")
            if length_of(words, dialogue.language) <= LONGEST_INTENT and _is_sayable(words, dialogue.language):
                return words
    return ""


def _is_clause(answer: str) -> bool:
    """A whole statement is not echoed as if it were an answer; nor is a yes or no."""
    return CLAUSE.search(answer) is not None


def _is_sayable(words: str, language: Language) -> bool:
    """The guard vets the person's words too before they become the reply's."""
    return check(words, language=language, risk=RiskLevel.NONE, allowed_numbers=frozenset()).is_allowed


def _event(dialogue: Dialogue) -> str:
    lexicon = dialogue.lexicon
    for text in (dialogue.text, *reversed(dialogue.earlier[-1:])):
        folded = plain(text)
        found = lexicon.events.search(folded)
        if not found:
            continue
        if dialogue.language == "zh":
            return found.group()
        determiner = re.search(
            rf"\b(?:(?:my|the|these|those|this)\s(?:\w+\s)?|that\s){re.escape(found.group())}", folded
        )
        if determiner:
            phrase = second_person(determiner.group(), "en")
            return phrase if is_safe(phrase, "en") else f"the {found.group()}"
        return f"the {found.group()}"
    return ""


def _person(dialogue: Dialogue) -> str:
    lexicon = dialogue.lexicon
    for text in (dialogue.text, *reversed(dialogue.earlier[-1:])):
        folded = plain(text)
        found = lexicon.people.search(folded)
        if not found:
            continue
        word = found.group()
        if dialogue.language == "zh" and re.search(rf"(没|无|交|不认识).{{0,6}}{word}|{word}.{{0,3}}没", folded):
            continue
        if dialogue.language == "zh":
            return f"你{lexicon.full_names.get(word, word)}"
        if re.search(rf"\bmy (?:\w+ )?{re.escape(word)}\b", folded):
            return f"your {word}"
    return ""


def _feeling(dialogue: Dialogue) -> str:
    lexicon = dialogue.lexicon
    found = lexicon.feelings.search(plain(dialogue.text))
    if found and not re.search(rf"(?:not|n't|never|没|不)\s?{re.escape(found.group())}", plain(dialogue.text)):
        return found.group()
    return lexicon.default_feeling.get(dialogue.emotion, "")


def fill(entry: Entry, values: Mapping[str, str]) -> str | None:
    """The line with its slots filled, or None where one cannot be. A missing name is left out with its comma."""
    text = entry.text
    if "name" in entry.slots and "name" not in values and entry.situation != "know_name":
        text = _without_name(text)
    if any(slot not in values for slot in SLOT.findall(text)) or ("person" in entry.slots and _disagrees(text, values)):
        return None
    filled = SLOT.sub(lambda match: _fitted(match, text, values), text)
    return filled[:1].upper() + filled[1:] if entry.language == "en" else filled


def _disagrees(text: str, values: Mapping[str, str]) -> bool:
    """A line whose verb is singular does not go with "your parents"."""
    return values["person"].endswith("s") and SINGULAR.search(text) is not None


def _fitted(match: re.Match[str], text: str, values: Mapping[str, str]) -> str:
    value = values[match.group(1)]
    starts = re.search(r"[.!?:]\s*[\"“]?$", text[: match.start()]) and not text[: match.start()].rstrip().endswith(":")
    return value[:1].upper() + value[1:] if starts else value


def _without_name(text: str) -> str:
    for pattern in (
        r",\s*\{name\}(?=[.,?!])",
        r"\{name\},\s*",
        r",\s*\{name\}",
        r"，\{name\}(?=[。，？！])",
        r"\{name\}，",
    ):
        text = re.sub(pattern, "", text)
    return text.replace("{name}你", "你")
