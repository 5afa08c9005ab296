"""A conversation in three lines: what it was about, what the person wanted, the step they named. Their words or none.

Closed patterns over what the person wrote, never over replies; what may not be remembered (`remembering.py`) is left
out here too. An empty summary is a good answer: most talks say less than a summary would claim.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ml.types import Language
from ml.understanding.remembering import clauses_of, is_question, may_be_kept, sentences_of, tidy

# What a summary may say a talk was about. Health, danger and what the law protects specially are not among them.
PLAIN_TOPICS = (
    "exams_study", "work", "job_loss", "money", "breakup", "couple", "family", "parenting", "caregiving", "grief",
    "loneliness", "migration", "sleep", "procrastination", "perfectionism", "future", "motivation", "self_esteem",
    "screen_game", "anger", "ageing", "meaning",
)  # fmt: skip
MOST_TOPICS = 3
WANTED = {
    "en": re.compile(
        r"(?:all )?(?:i|i'd)(?: just| really| only)* (?:want|need|would like|like|hope|wanted|am hoping|wish i could)"
        r"(?: to| that| some| a)? (?!nothing|to die).{3,70}",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"我(?:只是|只|就是|就|真的|其实|很|最)?(?:想要|希望|需要|想)(?![不到起念象像着了过])(?!知道|问).{2,24}"
    ),
}
STEP = {
    "en": re.compile(
        r"(?:(?:ok|okay|yes|then|so)[, ]+)?(?:i'll|i will|i'm going to|i am going to|i plan to|i can|i'm gonna)"
        r" (?!never|not|be |have to|always|die|end )(?:try (?:to )?)?.{3,70}",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:那|好|嗯)?我(?:明天|今晚|今天|这周|周末|等下|待会儿?|下次)?(?:就|先)?(?:会去|会试|打算|准备|试试|要去|去试|可以试)(?!死).{1,24}"
    ),
}


@dataclass(frozen=True, slots=True)
class Summary:
    """`topics` in the names of the reply bank; `wanted` and `step` in the person's own words, empty where not said."""

    topics: tuple[str, ...] = ()
    wanted: str = ""
    step: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing to remember."""
        return not (self.topics or self.wanted or self.step)


def sum_up(said: Sequence[str], topics: Iterable[str], language: Language) -> Summary:
    """The summary of a conversation from the person's messages, oldest first, and the topics read from them.

    The caller leaves out messages that speak of danger.
    """
    counted = Counter(topic for topic in topics if topic in PLAIN_TOPICS)
    wanted = [clause for text in said for clause in _found(WANTED[language], text, language)]
    steps = [clause for text in said for clause in _found(STEP[language], text, language)]
    return Summary(
        topics=tuple(topic for topic, _count in counted.most_common(MOST_TOPICS)),
        # Why somebody came stands near the beginning; what they take along, near the end.
        wanted=wanted[0] if wanted else "",
        step=steps[-1] if steps else "",
    )


def _found(pattern: re.Pattern[str], text: str, language: Language) -> list[str]:
    sentences = [sentence for sentence in sentences_of(text) if not is_question(sentence)]
    return [
        tidy(clause)
        for sentence in sentences
        for clause in clauses_of(sentence, language)
        if pattern.fullmatch(clause) and may_be_kept(clause, language)
    ]
