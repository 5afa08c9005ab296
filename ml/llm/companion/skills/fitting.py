"""Whether what a person wrote answers the question of a step, and which of their words may be said back."""

from __future__ import annotations

import re

from ml.llm.companion.dialogue import Dialogue
from ml.llm.companion.lexicon import length_of, plain
from ml.llm.companion.own_words import FLIP, clauses, is_safe, second_person
from ml.llm.companion.skills.records import Step, load_skills
from ml.llm.guard import check
from ml.types import Language, RiskLevel

NUMBER = re.compile(r"(?<![\d.])(10|\d)(?:\.\d)?(?!\d)|[零一二三四五六七八九十]+")
ZH_DIGITS = "零一二三四五六七八九十"
LONGEST = {"en": 16, "zh": 28}  # words or characters of an answer that are said back whole
ASIDE = {"en": 22, "zh": 40}  # a longer answer to a brief question is about something else
SPLIT = re.compile(r"[,，、;；\n]|\band\b|和|还有")
TOP = 10


def number_in(text: str) -> int | None:
    """The first number from 0 to 10, in digits or Chinese numerals."""
    found = NUMBER.search(plain(text))
    if not found:
        return None
    word = found.group()
    value = int(float(word)) if word[0].isdigit() else max(ZH_DIGITS.index(char) for char in word)
    return value if value <= TOP else None


def kind_of(dialogue: Dialogue, step: Step, answer: str) -> str:
    """What an answer is: fits, unknown (cannot say), short (too little), aside (about something else)."""
    folded = plain(answer)
    patterns = load_skills(dialogue.language).common.patterns
    if step.expects == "number":
        return "fits" if number_in(answer) is not None else "short"
    if patterns["unable"].search(folded):
        return "unknown"
    if step.is_brief and _is_aside(dialogue, answer):
        return "aside"
    if patterns["unknown"].search(folded):
        return "unknown"
    if step.expects == "done":
        return "fits"
    if not re.search(r"\w", folded):
        return "unknown"
    if patterns["nod"].fullmatch(folded):
        return "short"
    if (
        step.expects == "list"
        and len(pieces(answer)) < step.least
        and length_of(answer, dialogue.language) < step.least
    ):
        return "short"
    return "fits"


def pieces(answer: str) -> list[str]:
    """The things a person counted up."""
    return [piece.strip() for piece in SPLIT.split(answer) if re.search(r"\w", piece)]


def said_back(answer: str, language: Language) -> str:
    """The answer in their own words, as they wrote it, where it may stand in a reply; else its best clause, else ""."""
    text = re.sub(r"\s+", " ", answer).strip(" .。!！~～,，;；…")
    text = text.replace("“", "").replace("”", "").replace('"', "")
    if text and length_of(text, language) <= LONGEST[language] and _may_be_said(text, language):
        return text
    return next((clause for clause in clauses(answer, language) if _may_be_said(clause, language)), "")


def turned(answer: str, language: Language) -> str:
    """The same, turned to "you", for a sentence of our own."""
    words = said_back(answer, language)
    if language == "zh":
        return second_person(words, language)
    return re.sub(r"[A-Za-z'’]+", lambda match: FLIP.get(match.group().lower(), match.group()), words)


def _may_be_said(text: str, language: Language) -> bool:
    if re.search(r"[?？]", text) or not is_safe(text, language):
        return False
    return check(text, language=language, risk=RiskLevel.NONE, allowed_numbers=frozenset()).is_allowed


def _is_aside(dialogue: Dialogue, answer: str) -> bool:
    if length_of(answer, dialogue.language) > ASIDE[dialogue.language]:
        return True
    return load_skills(dialogue.language).common.patterns["aside"].search(plain(answer)) is not None
