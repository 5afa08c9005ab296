"""Which of several replies to say: small, plain measures of one reply against what the person wrote. No model.

The guard comes first and is another thing: it says what may not be said at all; this says what is better said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from ml.types import Language, ReplyRequest

WORD = re.compile(r"[a-z']+")
WIDE = re.compile(r"[㐀-鿿]+")
QUESTION = re.compile(r"[?？]")
FINISHED = re.compile(r"[.!?。！？…”’\"')）]\s*$")
# Words that say nothing about what a message is about.
EMPTY = frozenset(
    WORD.findall(
        """a about all am an and any are as at be been but by can could did do does doing don't even for from get go
        going had has have he her him his how i i'm i've if in into is it it's just like lot me much my no not now of
        on one or out really she should so some still such that that's the their them then there they thing things this
        to too up very was way we were what when where which who why will with would you your you're"""
    )
)
EMPTY_WIDE = frozenset("的了我你他她它是不在有就也都很这那什么怎么一个没会说要和吧呢啊吗觉得感觉自己可以因为所以但是")
EMPATHY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:sounds?|hard|heavy|tough|exhaust\w+|tiring|lonely|painful|hurts?|frighten\w+|makes sense|no wonder|"
        r"understandable|a lot to carry|weigh\w*|feels?|feeling)\b"
    ),
    "zh": re.compile(r"听起来|听上去|不容易|难受|难过|心疼|辛苦|委屈|累|害怕|孤单|难怪|沉|感受|理解|陪"),
}
ADVICE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\byou (?:should|must|need to|have to|ought to)\b|\btry to\b|\bit(?:'s| is) important to\b"),
    "zh": re.compile(r"你应该|你必须|你要学会|你需要|建议你|可以尝试|要多"),
}
ASKS_FOR_HELP: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\bhow (?:do|can|should) i\b|\bwhat (?:should|can|do) i\b|\bany (?:advice|tips|ideas)\b|\bhelp me\b"
    ),
    "zh": re.compile(r"怎么办|怎么做|该怎么|要怎么|怎么跟|有什么办法|有没有办法|帮帮我|建议"),
}
ABOUT_ITSELF: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\bwhen i was\b|\bi (?:also|too|remember|used to|once|feel|felt|had|know how)\b"
        r"|\bmy (?:own|life|family|experience)\b"
    ),
    "zh": re.compile(r"我(?:自己|也曾|以前|小时候|当年|曾经|也有过|也经历|家里|的经历|觉得很)"),
}
# Words (en) and characters (zh) of a reply that is neither curt nor a lecture.
LENGTH: dict[Language, tuple[int, int]] = {"en": (14, 65), "zh": (20, 110)}


@dataclass(frozen=True, slots=True)
class Marks:
    """Measures of one reply, each in [0, 1] and better when higher."""

    relevance: float
    empathy: float
    fit: float
    freshness: float
    about_them: float
    length: float
    form: float

    @property
    def score(self) -> float:
        """Weighted mean; the weights are a judgement, not a measurement."""
        summed: float = sum(WEIGHTS[item.name] * getattr(self, item.name) for item in fields(self))
        return summed / sum(WEIGHTS.values())


WEIGHTS = {
    "relevance": 3.0,
    "fit": 2.0,
    "freshness": 2.0,
    "empathy": 1.5,
    "form": 1.5,
    "about_them": 1.0,
    "length": 1.0,
}


def rank(replies: Sequence[str], request: ReplyRequest) -> list[int]:
    """Places of `replies`, the best first; equals stay in their order."""
    scores = [marks(reply, request).score for reply in replies]
    return sorted(range(len(replies)), key=lambda place: -scores[place])


def marks(reply: str, request: ReplyRequest) -> Marks:
    """All measures of one reply to one request."""
    language, text = request.language, reply.lower()
    said = [turn.text for turn in request.turns if turn.role == "user"]
    last = said[-1].lower() if said else ""
    return Marks(
        relevance=_relevance(text, last, " ".join(said[-4:-1]).lower(), language),
        empathy=min(1.0, len(EMPATHY[language].findall(text)) / 2),
        fit=_fit(text, last, len(said), language),
        freshness=_freshness(text, [turn.text.lower() for turn in request.turns if turn.role == "assistant"], language),
        about_them=0.0 if ABOUT_ITSELF[language].search(text) else 1.0,
        length=_length(text, language),
        form=_form(text, language),
    )


def _relevance(text: str, last: str, earlier: str, language: Language) -> float:
    """Part of the person's own content words that is taken up: three of the last message are enough."""
    own = _content(text, language)
    fresh = len(own & _content(last, language))
    older = len(own & (_content(earlier, language) - _content(last, language)))
    wanted = min(3, max(1, len(_content(last, language))))
    return min(1.0, (fresh + 0.5 * older) / wanted)


def _fit(text: str, last: str, turn: int, language: Language) -> float:
    """One question at most; advice where it was asked for, and not in the first turns."""
    questions = len(QUESTION.findall(text))
    asking = {0: 0.6, 1: 1.0}.get(questions, 0.2)
    advice = bool(ADVICE[language].search(text))
    if ASKS_FOR_HELP[language].search(last):
        return asking
    return asking * (0.4 if advice and turn <= 3 else 0.7 if advice else 1.0)


def _freshness(text: str, earlier: Sequence[str], language: Language) -> float:
    """Falls with the largest part of the reply's phrases that an earlier reply had; at half of them nothing is left."""
    own = _phrases(text, language)
    if not own:
        return 0.0
    again = max((len(own & _phrases(one, language)) / len(own) for one in earlier), default=0.0)
    return max(0.0, 1.0 - 2 * again)


def _length(text: str, language: Language) -> float:
    low, high = LENGTH[language]
    size = len(_units(text, language))
    return min(1.0, size / low) if size < low else min(1.0, high / size)


def _form(text: str, language: Language) -> float:
    """Whole sentences that do not say the same thing twice."""
    units = _units(text, language)
    pairs = list(zip(units, units[1:], strict=False))
    variety = len(set(pairs)) / len(pairs) if pairs else 0.0
    return variety * (1.0 if FINISHED.search(text) else 0.5)


def _content(text: str, language: Language) -> set[str]:
    if language == "zh":
        runs = WIDE.findall(text)
        pairs = {run[place : place + 2] for run in runs for place in range(len(run) - 1)}
        return {pair for pair in pairs if not set(pair) & EMPTY_WIDE}
    # The first five letters stand for the word, whatever its ending.
    return {word[:5] for word in WORD.findall(text) if len(word) > 2 and word not in EMPTY}


def _phrases(text: str, language: Language) -> set[tuple[str, ...]]:
    units = _units(text, language)
    return {tuple(units[place : place + 3]) for place in range(len(units) - 2)}


def _units(text: str, language: Language) -> list[str]:
    """Words, or characters of a script without blanks."""
    return WORD.findall(text) if language == "en" else [one for run in WIDE.findall(text) for one in run]
