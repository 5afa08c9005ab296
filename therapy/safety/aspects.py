"""Who a dangerous message is about, where that changes which help fits: a minor, a birth, something swallowed.

Decides no level: it only adds evidence of level none to a message that screening has found dangerous already, so that
the card speaks to this person. No words are kept, only rule ids and offsets. Patterns for English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ml.types import ChatTurn, Evidence, RiskAssessment, RiskLevel

_FLAGS = re.IGNORECASE
_MINOR_AGE = r"(?:8|9|1[0-7])"
_CHINESE_AGE = rf"(?:{_MINOR_AGE}|八|九|十[一二三四五六七]?)"
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "about.ingestion": re.compile(
        r"\b(?:i(?:'ve| have)?|she|he|they)\s+(?:just\s+|already\s+)?"
        r"(?:took|taken|swallowed|drank|ate)\s+(?:\S+\s+){0,6}?(?:pills?|tablets?|meds|medication|bleach|poison|bottle)\b"
        r"|\b(?:overdosed|took an overdose|taken an overdose)\b"
        r"|(?:吃|吞|喝|服)(?:下|掉|光|完)?(?:了|过)(?!饭|早饭|午饭|晚饭).{0,8}?(?:药|片|瓶|农药|消毒水|毒)"
        r"|(?:药|整瓶|一瓶|农药|消毒水).{0,4}(?:吃|吞|喝)(?:下|掉|光|完)?了",
        _FLAGS,
    ),
    "about.perinatal": re.compile(
        r"\b(?:pregnan\w*|newborn|postpartum|post-natal|postnatal|gave birth|giving birth|breastfeed\w*|"
        r"(?:my|the) baby|since the birth|weeks? old (?:son|daughter|baby))\b"
        r"|怀孕|孕期|产后|坐月子|月子里|刚生(?:完|了|下)|新生儿|宝宝|哺乳|喂奶",
        _FLAGS,
    ),
    "about.minor": re.compile(
        rf"\b(?:i'?m|i am|im)\s+(?:only\s+|just\s+)?{_MINOR_AGE}\b(?!\s*(?:weeks|months|minutes|hours|days|%))"
        rf"|\b{_MINOR_AGE}\s*(?:years old|year old|yo|y/o)\b"
        r"|\b(?:[6-9]th|1[01]th) grade\b|\b(?:middle school|junior high|primary school)\b"
        rf"|我(?:今年|才|只有)?\s*{_CHINESE_AGE}\s*岁|(?:小学|初[一二三中]|高[一二])(?:生|学生|的学生)?|未成年",
        _FLAGS,
    ),
}
# Where the person says of somebody else how old they are, the card still speaks to the writer.
_KINDS_ABOUT_OTHERS = frozenset({"third_person"})


def add(text: str, context: Sequence[ChatTurn], assessment: RiskAssessment) -> RiskAssessment:
    """The assessment with what `text`, or the person's earlier words, say about who is in danger."""
    if assessment.level < RiskLevel.MODERATE:
        return assessment
    said_before = [turn.text for turn in context if turn.role == "user"]
    found = []
    for rule, pattern in _PATTERNS.items():
        if rule == "about.minor" and assessment.kind in _KINDS_ABOUT_OTHERS:
            continue
        hit = pattern.search(text)
        if hit:
            found.append(Evidence("rule", rule, RiskLevel.NONE, hit.start(), hit.end()))
        elif rule != "about.ingestion" and any(pattern.search(words) for words in said_before):
            # Said in an earlier message: true for this one as well, with nothing to mark in it.
            found.append(Evidence("rule", rule, RiskLevel.NONE, 0, 0))
    return replace(assessment, evidence=(*assessment.evidence, *found)) if found else assessment
