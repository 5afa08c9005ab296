"""Reasons: first as codes of the inputs used, which can be stored, then in plain words of either language.

A code is `kind:...`, for example `goal:worry`, `score:gad7:14:+6` or `rated:sc-break:+3.0:3`; `why:MECHANISM:TECHNIQUE`
is an edge of the graph. The person's own words are never repeated: codes hold names of our tables and numbers only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from ml.planning.because_words import (
    AND,
    CLAUSES,
    END,
    FELT,
    FIXED,
    JOINED,
    LEAD,
    PERSON_WORDS,
    times,
)
from ml.planning.benefit import Belief
from ml.planning.inputs import PlanInputs, RatingSeen
from ml.planning.needs import COUNT_OFTEN, SHARE_OFTEN, Need, Source, felt
from ml.planning.ranking import RATED_WELL, Candidate
from ml.planning.records import Library
from ml.planning.scores import instruments, speaks_for
from ml.planning.words import feelings, problems
from ml.types import Language

PersonKind = Literal["risk", "careful", "few"]
NOTHING_KNOWN, GENTLE, WAITING = "nothing", "gentle", "waiting"
SOURCES: tuple[Source, ...] = ("goal", "reason", "score", "topic")
# More reasons than this are read as none.
MOST_CLAUSES = 2


def uses_of(candidate: Candidate, inputs: PlanInputs, belief: Belief, told: Collection[str] = ()) -> tuple[str, ...]:
    """Codes of the inputs that spoke for one step. Feelings and "nothing is known" in `told` are not told again."""
    found = _risen(candidate.needs, inputs)
    found += [*_own_ratings(candidate, inputs.ratings), *_like_it(candidate, inputs.ratings, belief)]
    found += [code for code in _said(candidate.needs, inputs) if code not in found]
    feeling = _feeling(candidate, inputs)
    if feeling and (not found or feeling not in told):
        found.append(feeling)
    if not found:
        found.append(GENTLE if NOTHING_KNOWN in told else NOTHING_KNOWN)
    return (*found, f"why:{candidate.edge.source}:{candidate.edge.target}")


def uses_of_person(kind: PersonKind, need: Need | None, inputs: PlanInputs) -> tuple[str, ...]:
    """Codes for talking to a person first."""
    said = _said((need,), inputs) if need else []
    return (f"person:{kind}", *said) if kind != "careful" or said else ("person:few",)


def ratings_of(technique: str, ratings: Sequence[RatingSeen]) -> str | None:
    """The code of what the person said of this technique: mean gain and number of goes."""
    gains = [rating.gain for rating in ratings if rating.technique == technique]
    return f"rated:{technique}:{sum(gains) / len(gains):+.1f}:{len(gains)}" if gains else None


def _own_ratings(candidate: Candidate, ratings: Sequence[RatingSeen]) -> list[str]:
    """Said only where it speaks for the step."""
    name = candidate.technique.id
    rated = [rating for rating in ratings if rating.technique == name]
    code = ratings_of(name, rated)
    return [code] if code and _mean(name, rated) >= RATED_WELL else []


def _like_it(candidate: Candidate, ratings: Sequence[RatingSeen], belief: Belief) -> list[str]:
    """A technique rated well that shares a mechanism with a new one speaks for it."""
    own = candidate.technique
    rated = {rating.technique for rating in ratings}
    if own.id in rated:
        return []
    techniques = belief.graph.library.techniques
    alike = [
        name
        for name in sorted(rated & set(techniques))
        if set(techniques[name].mechanisms) & set(own.mechanisms) and _mean(name, ratings) >= 2 * RATED_WELL
    ]
    best = max(alike, key=lambda name: belief.of(name)[0], default=None)
    return [f"like:{best}"] if best else []


def _mean(technique: str, ratings: Sequence[RatingSeen]) -> float:
    gains = [rating.gain for rating in ratings if rating.technique == technique]
    return sum(gains) / len(gains)


def _said(needs: Sequence[Need], inputs: PlanInputs) -> list[str]:
    """The strongest thing known about these needs: a goal outranks a text, a text a score, a score a topic."""
    source = next((one for one in SOURCES if needs and one in needs[0].sources), None)
    if source is None:
        return []
    shared = [need for need in needs if source in need.sources][:2]
    return _score(shared[0], inputs) if source == "score" else [f"{source}:{need.problem}" for need in shared]


def _risen(needs: Sequence[Need], inputs: PlanInputs) -> list[str]:
    """A score that got heavier beyond noise is said first, whatever else speaks for the step."""
    return [code for need in needs for code in _score(need, inputs) if not code.endswith(":")][:1]


def _score(need: Need, inputs: PlanInputs) -> list[str]:
    """The code of the score behind a need; the change stands in it only where it is a rise beyond noise."""
    seen = speaks_for(need.problem, inputs.scores)
    if seen is None:
        return []
    change = f"{seen.change:+d}" if instruments()[seen.instrument].is_worse(seen.change) else ""
    return [f"score:{seen.instrument}:{seen.total}:{change}"]


def _feeling(candidate: Candidate, inputs: PlanInputs) -> str | None:
    for seen, feeling in felt(inputs):
        speaks = feeling.techniques & set(candidate.technique.emotions)
        if speaks or (candidate.need and candidate.need.problem in feeling.problems):
            is_often = seen.share >= SHARE_OFTEN and seen.count >= COUNT_OFTEN
            return f"feeling:{seen.label}" + ("" if is_often else ":sometimes")
    return None


def words_of(uses: Sequence[str], language: Language, library: Library) -> str:
    """The reason in words. Codes of things the library or the tables no longer hold are passed over."""
    why = next((_why(code, language, library) for code in uses if code.startswith("why:")), "")
    fixed = next((FIXED[language][code] for code in uses if code in FIXED[language]), None)
    clauses = clauses_of(uses, language, library)
    person = next((code.partition(":")[2] for code in uses if code.startswith("person:")), None)
    if person:
        texts = PERSON_WORDS[language]
        return texts["careful"].format(clause=clauses[0]) if person == "careful" and clauses else texts[person]
    if fixed is not None and not why:
        return fixed
    lead = _sentence(clauses[:MOST_CLAUSES], language) if clauses else fixed or FIXED[language][GENTLE]
    return f"{lead}{'' if language == 'zh' else ' '}{why}".strip()


def clauses_of(uses: Sequence[str], language: Language, library: Library) -> list[str]:
    """One clause for each kind of input, in the order of the codes: "one of your goals is about sleep and worry"."""
    found: list[str] = []
    for kind in SOURCES:
        named = [code.split(":")[1] for code in uses if code.startswith(f"{kind}:") and kind != "score"]
        names = [problems()[name].name.of(language) for name in named if name in problems()]
        if names:
            found.append(CLAUSES[language][kind].format(name=AND[language].join(names)))
    others = [clause for code in uses for clause in _clause(code, language, library)]
    before = [one for one in others if not one.startswith(FELT[language])]
    return [*before, *found, *(one for one in others if one not in before)]


def _clause(code: str, language: Language, library: Library) -> list[str]:
    kind, *parts = code.split(":")
    texts = CLAUSES[language]
    if kind == "rated" and len(parts) == 3:
        return [texts["rated"].format(gain=_gain(parts[1]), times=times(int(parts[2]), language))]
    if kind == "like" and parts[0] in library.techniques:
        return [texts["like"].format(title=library.techniques[parts[0]].title.of(language))]
    if kind == "score" and parts[0] in instruments():
        name, total, change = instruments()[parts[0]].name, parts[1], parts[2]
        key = "rose" if change.startswith("+") else "fell" if change else "score"
        return [texts[key].format(name=name, total=total, change=change.lstrip("+-"))]
    if kind == "feeling" and parts[0] in feelings():
        word = feelings()[parts[0]].word.of(language)
        return [texts["sometimes" if parts[1:] else "often"].format(word=word)]
    return []


def _gain(text: str) -> str:
    return text.removesuffix(".0").replace("-", "−")


def _why(code: str, language: Language, library: Library) -> str:
    _, mechanism, technique = code.split(":")
    edges = (edge for edge in library.technique_edges if edge.source == mechanism and edge.target == technique)
    return next((edge.why.of(language) for edge in edges), "")


def _sentence(clauses: Sequence[str], language: Language) -> str:
    first, *rest = clauses
    if language == "zh":
        # The second clause has the same subject: "你", said once, then "也".
        rest = [clause.replace("你最近", "最近也", 1) for clause in rest]
    return LEAD[language] + JOINED[language].join((first, *rest)) + END[language]
