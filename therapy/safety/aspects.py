"""Who a dangerous message is about, where that changes which help fits: a minor, a birth, something swallowed.

Decides no level: it only adds evidence of level none to a message that screening has found dangerous already, so that
the card speaks to this person. No words are kept, only rule ids and offsets. Patterns for English and Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ml.types import ChatTurn, Evidence, RiskAssessment, RiskLevel

_MINOR_AGE = r"(?:8|9|1[0-7])"
_CHINESE_AGE = rf"(?:{_MINOR_AGE}|八|九|十[一二三四五六七]?)"
# Somebody who takes their medicine as usual has swallowed nothing to worry about: it must be far too much, or a poison.
_TOO_MUCH = (
    r"\b(?:took|taken|swallowed|drank|downed)\s+(?:\S+\s+){0,3}?"
    r"(?:all|whole|entire|bottle|box|pack|handful|too many|too much|lots|dozens?|[2-9]\d|\d{3})\b"
    r"|\b(?:took|taken|swallowed|drank|downed)\s+(?:\S+\s+){0,3}?(?:bleach|poison|pesticide)\b"
    r"|\b(?:i'?ve |have |just )?overdosed\b|\b(?:took|taken) an overdose\b"
    r"|(?:吃|吞|喝|服)(?:下|掉|光|完)?(?:了|过)?.{0,4}?(?:整瓶|一瓶|半瓶|一整|一大把|一把|全部|所有|很多|好多|大量|几十|[2-9]\d|\d{3}|农药|消毒|毒)"
    r"|(?:整瓶|一瓶|半瓶|全部|所有|农药|消毒水).{0,6}(?:吃|吞|喝|服)(?:下|掉|光|完)?了|(?:服药|吃药)过量"
)
# Where screening has found an attempt already, any medicine counts.
_ANY_MEDICINE = (
    r"\b(?:took|taken|swallowed)\s+(?:\S+\s+){0,5}?(?:pills?|tablets?|meds|medication|medicine)\b"
    r"|(?:吃|吞|服)(?:下|掉|光|完)?了.{0,6}?药|药.{0,4}(?:吃|吞|服)(?:下|掉|光|完)?了"
)
_BIRTH = (
    r"\b(?:i'?m|i am|im|being|while) (?:\S+ ){0,2}pregnant\b|\b(?:my newborn|postpartum|post-?natal|breastfeeding)\b"
    r"|\b(?:gave|giving) birth\b|\bsince (?:the birth|the baby|my baby|i had (?:the|my) baby)\b"
    r"|\b(?:hurt|harm|hurting|harming|drop|dropping|shake|shaking|alone with) (?:the|my) baby\b"
    r"|我(?:现在|刚|已经)?怀孕|怀孕(?:以后|之后|期间|后)|孕期|产后|坐月子|月子里|刚生(?:完|了|下)|新生儿|哺乳|喂奶"
    r"|(?:有了|生了|生下|伤害|掐|摔)(?:我的)?(?:宝宝|孩子)|宝宝出生"
)
_MINOR = (
    rf"\b(?:i'?m|i am|im|as)\s+(?:only\s+|just\s+)?(?:an?\s+)?{_MINOR_AGE}\b"
    r"(?!\s*(?:weeks|months|minutes|hours|days|times|kg|lbs|pounds|stone|%|st\b))"
    r"|\b(?:i'?m|i am|im) (?:in|at) (?:[6-9]th|1[01]th|middle|junior|primary|high) (?:grade|school|high)\b"
    rf"|我(?:今年|才|只有|刚满)?\s*{_CHINESE_AGE}\s*岁"
    r"|我(?:还|现在|今年|正)?(?:在)?(?:上|读|念|是)(?:小学|初[一二三中]|高[一二中])|我(?:还)?未成年"
)
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "about.ingestion": re.compile(_TOO_MUCH, re.IGNORECASE),
    "about.perinatal": re.compile(_BIRTH, re.IGNORECASE),
    "about.minor": re.compile(_MINOR, re.IGNORECASE),
}
_ATTEMPT = re.compile(_ANY_MEDICINE, re.IGNORECASE)
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
        if rule == "about.ingestion" and assessment.kind == "attempt_in_progress":
            hit = hit or _ATTEMPT.search(text)
        if hit:
            found.append(Evidence("rule", rule, RiskLevel.NONE, hit.start(), hit.end()))
        elif rule != "about.ingestion" and any(pattern.search(words) for words in said_before):
            # Said in an earlier message: true for this one as well, with nothing to mark in it.
            found.append(Evidence("rule", rule, RiskLevel.NONE, 0, 0))
    return replace(assessment, evidence=(*assessment.evidence, *found)) if found else assessment
