"""Records of the library as frozen values: techniques, articles, practices, the graph and review states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ml.types import Language

ReviewState = Literal["unreviewed", "clinician_first", "withheld", "approved"]
REVIEW_STATES: tuple[ReviewState, ...] = ("unreviewed", "clinician_first", "withheld", "approved")


def as_state(name: str) -> ReviewState:
    """The review state of that name; anything unknown is withheld."""
    states: dict[str, ReviewState] = {state: state for state in REVIEW_STATES}
    return states.get(name, "withheld")


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """The text in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class BilingualLines:
    """A list of lines in both languages, of the same length or not: wording may split differently."""

    en: tuple[str, ...]
    zh: tuple[str, ...]

    def of(self, language: Language) -> tuple[str, ...]:
        """The lines in `language`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Review:
    """Whether a person with the knowledge for it has read an item, and what they must look at."""

    state: ReviewState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Technique:
    """Something a person can do. `minutes` for one go; `effort` 1 (easy) to 3; `not_for` are hard constraints."""

    id: str
    family: str
    title: Bilingual
    summary: Bilingual
    why: Bilingual
    steps: BilingualLines
    minutes: int
    effort: int
    when: tuple[str, ...]
    problems: tuple[str, ...]
    mechanisms: tuple[str, ...]
    emotions: tuple[str, ...]
    needs: tuple[str, ...]
    cautions: Bilingual
    not_for: frozenset[str]
    measure: Bilingual
    evidence: str
    level: str
    tags: tuple[str, ...]
    review: Review = Review("unreviewed")


@dataclass(frozen=True, slots=True)
class Article:
    """A question people ask, with its answer. `techniques` names techniques or whole families."""

    id: str
    title: Bilingual
    question: Bilingual
    answer: Bilingual
    key_points: BilingualLines
    see_help_if: Bilingual
    problems: tuple[str, ...]
    techniques: tuple[str, ...]
    practices: tuple[str, ...]
    evidence: str
    tags: tuple[str, ...]
    review: Review = Review("unreviewed")


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a practice. `pacer`: seconds by name of a breath part, empty where breathing is free."""

    phase: str
    seconds: int
    pacer: Mapping[str, float]
    script: BilingualLines


@dataclass(frozen=True, slots=True)
class Practice:
    """A guided practice. `minutes`: short, middle and long; the phases last as long as the middle one."""

    id: str
    title: Bilingual
    kind: str
    minutes: tuple[int, ...]
    phases: tuple[Phase, ...]
    adapt: Mapping[str, Bilingual]
    cautions: Bilingual
    alternatives: tuple[str, ...]
    sound: str
    scene: str
    problems: tuple[str, ...]
    evidence: str
    review: Review = Review("unreviewed")


@dataclass(frozen=True, slots=True)
class Edge:
    """A weighted, reasoned link of the graph; `weight` in (0, 1]."""

    source: str
    target: str
    weight: float
    why: Bilingual


@dataclass(frozen=True, slots=True)
class Constraint:
    """A caution under which every technique that carries its tag is out, and what staff should know about it."""

    tag: str
    rule: Bilingual


@dataclass(frozen=True, slots=True)
class Library:
    """The whole library, validated. Mappings are by id; edges keep the order of the file."""

    version: str
    techniques: Mapping[str, Technique]
    articles: Mapping[str, Article]
    practices: Mapping[str, Practice]
    problem_edges: tuple[Edge, ...]
    technique_edges: tuple[Edge, ...]
    constraints: Mapping[str, Constraint]
