"""Readings that take a hit back: denied, asked by somebody else, long past, told as a story, a topic, a joke."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ml.risk.lexicon import Lexicon, Rule
from ml.types import RiskLevel

_SENTENCE_BREAK = re.compile(r"[.!?。!?;;\n…]")
_CLAUSE_BREAK = re.compile(
    r"[.!?。!?;;,、\n…:]|\bbut\b|\bthough\b|\band (?=i\b|the\b|my\b|there)|但是?|可是|不过|只是|而是"
)
# How far before the hit a denial may stand.
_REACH = {"en": 42, "zh": 12}
# Nearer where the hit brings its own subject: "I don't want to go on I'm going to …" denies nothing.
_REACH_OF_SUBJECT = {"en": 16, "zh": 5}
_OWN_SUBJECT = re.compile(r"\W*(?:i\b|我|俺)")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|i'll|me|my|myself)\b|我|俺|自己|本人")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the scopes see it: normalised text with sayings blanked, and what holds for all of it."""

    text: str
    lexicon: Lexicon
    is_humorous: bool
    is_real: bool
    is_themed: bool
    is_present: bool
    is_resolved: bool


def read_message(text: str, lexicon: Lexicon) -> Message:
    """Answer once what every hit of the message will ask."""
    return Message(
        text=text,
        lexicon=lexicon,
        is_humorous=lexicon.says("humour", text),
        is_real=lexicon.says("real", text),
        is_themed=lexicon.says("theme", text),
        is_present=lexicon.says("present", text),
        is_resolved=lexicon.says("resolved", text),
    )


def scoped_level(rule: Rule, start: int, end: int, message: Message) -> RiskLevel:
    """Level of a hit after its scopes; NONE where a reading takes it back."""
    scopes = rule.scopes
    if "negation" in scopes and is_denied(start, end, message):
        return RiskLevel.NONE
    if "reported" in scopes and message.lexicon.says("reported", _before(message.text, start, 60)):
        return RiskLevel.NONE
    if "humour" in scopes and rule.level <= RiskLevel.MODERATE and message.is_humorous and not message.is_real:
        return RiskLevel.NONE
    if "fiction" in scopes and _is_story(start, end, message):
        return RiskLevel.NONE
    if "theme" in scopes and message.is_themed and not _FIRST_PERSON.search(message.text[start:end]):
        return RiskLevel.NONE
    if "past" in scopes:
        return _past_level(rule, start, end, message)
    return rule.level


def is_denied(start: int, end: int, message: Message) -> bool:
    """True where a denial stands shortly before the hit in its own clause, and is not part of another phrase."""
    lexicon = message.lexicon
    reaches = _REACH_OF_SUBJECT if _OWN_SUBJECT.match(message.text, start, end) else _REACH
    before = _before(message.text, start, reaches[lexicon.language])
    clause = _CLAUSE_BREAK.split(before)[-1]
    return lexicon.says("negation", lexicon.cues["negation_not"].compiled.sub(" ", clause))


def _past_level(rule: Rule, start: int, end: int, message: Message) -> RiskLevel:
    if not message.lexicon.says("past", sentence_around(message.text, start, end)):
        return rule.level
    if message.is_resolved or not message.is_present:
        return RiskLevel.NONE
    return min(rule.level, RiskLevel.MODERATE)


def _is_story(start: int, end: int, message: Message) -> bool:
    if message.is_real or not message.lexicon.says("fiction", message.text):
        return False
    is_near = message.lexicon.says("fiction", sentence_around(message.text, start, end))
    return is_near or not _FIRST_PERSON.search(message.text[start:end])


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence, or sentences, a span stands in; at most 300 characters each side."""
    before = _SENTENCE_BREAK.split(_before(text, start, 300))[-1]
    after = _SENTENCE_BREAK.split(text[end : end + 300])[0]
    return before + text[start:end] + after


def _before(text: str, start: int, reach: int) -> str:
    return text[max(0, start - reach) : start]
