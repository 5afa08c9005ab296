"""Finds the library article that a question is about: by the share of the question's weight that an article covers.

A word that no article holds counts in full against all of them: so a question the library cannot answer finds nothing.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ml.llm.companion.bank import BANK_DIR, QUESTION
from ml.llm.companion.lexicon import Pattern, plain
from ml.llm.guard import check
from ml.planning.library import load
from ml.planning.records import Article, Library, ReviewState
from ml.types import Language, RiskLevel

# As on the side of plans: what waits for a clinician, or is withheld, is not quoted.
USABLE: frozenset[ReviewState] = frozenset({"approved", "unreviewed"})
THRESHOLD = {"en": 0.62, "zh": 0.6}
HEAD, BODY = 1.0, 0.72  # worth of a word in title, question or key points, and in the answer alone
TOGETHER = 0.75  # share of the question that one sentence must cover where the title names none of it
TITLE = 0.15  # added share for words of the title
SENTENCE = {"en": re.compile(r"(?<=[.!?])\s+"), "zh": re.compile(r"(?<=[。！？])")}
QUOTED = re.compile(r"[\"“「][^\"”」]*[\"”」]")
SUFFIX = re.compile(r"(?:ing|ed|es|s|ly|ies|y)$")


@dataclass(frozen=True, slots=True)
class Document:
    """One article in one language; `sentences` are those of its answer that the guard lets through."""

    id: str
    title: str
    sentences: tuple[str, ...]
    is_usable: bool
    is_approved: bool
    sentence_terms: tuple[frozenset[str], ...] = field(repr=False)
    title_terms: frozenset[str] = field(repr=False)
    head: frozenset[str] = field(repr=False)
    body: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """An article with how much of the question it covers, and the same for each of its sentences."""

    document: Document
    score: float
    worth: tuple[float, ...]
    is_wide: bool  # the question names nothing but what the title does


@dataclass(frozen=True, slots=True)
class Shelf:
    """All articles of a language with the words by which questions are known and answered."""

    language: Language
    documents: Mapping[str, Document]
    idf: Mapping[str, float]
    unknown: float  # weight of a word that no article holds: that of the rarest
    asks: tuple[Pattern, ...]
    vetoes: tuple[Pattern, ...]
    strict: Pattern
    drop: tuple[str, ...]
    same: Mapping[str, str]
    cues: Mapping[str, str]
    lines: Mapping[str, tuple[str, ...]]

    def find(self, question: str) -> Found | None:
        """The best article, if it covers enough of the question."""
        ranked = self.ranked(question)
        return ranked[0] if ranked else None

    def ranked(self, question: str) -> list[Found]:
        """Articles that cover enough of the question, the best first."""
        terms = self.terms(question)
        if not terms:
            return []
        found = [self._found(document, terms) for document in self.documents.values()]
        fit = (one for one in found if one.score >= THRESHOLD[self.language] and _is_about(one, terms))
        return sorted(fit, key=lambda one: -one.score)

    def by_id(self, article_id: str, question: str) -> Found:
        """A named article, with the worth of its sentences for the question."""
        return self._found(self.documents[article_id], self.terms(question))

    def terms(self, text: str) -> frozenset[str]:
        """Words (en) or pairs of characters (zh) of a question that carry meaning."""
        folded = plain(text)
        if self.language == "en":
            words = [word for word in re.findall(r"[a-z][a-z'-]+", folded) if word not in self.drop]
            return frozenset(stem(self.same.get(word, word)) for word in words)
        for word in self.drop:
            folded = folded.replace(word, " ")
        for word, other in self.same.items():
            if other not in folded:
                folded = folded.replace(word, other)
        return pairs(folded)

    def _found(self, document: Document, terms: frozenset[str]) -> Found:
        whole = sum(self._weight(term) for term in terms) or 1.0
        held = sum(self._weight(term) * _worth(term, document) for term in terms)
        titled = TITLE * sum(self._weight(term) for term in terms & document.title_terms)
        worth = tuple(
            sum(self._weight(term) for term in terms & held_terms) / whole for held_terms in document.sentence_terms
        )
        return Found(document, (held + titled) / whole, worth, terms <= document.title_terms)

    def _weight(self, term: str) -> float:
        return self.idf.get(term, self.unknown)


def _is_about(found: Found, terms: frozenset[str]) -> bool:
    """A title that names the matter, or one sentence that speaks of it: words strewn over an article are not enough."""
    return bool(terms & found.document.title_terms) or max(found.worth, default=0.0) >= TOGETHER


def stem(word: str) -> str:
    """The word without a common ending."""
    return SUFFIX.sub("", word) if len(word) > 4 else word


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring Chinese characters, and words in Latin letters whole."""
    runs = re.findall(r"[㐀-鿿]+", text)
    return frozenset(run[i : i + 2] for run in runs for i in range(len(run) - 1)) | frozenset(
        re.findall(r"[a-z]{2,}", text)
    )


@lru_cache(maxsize=1)
def shipped() -> Library:
    """The library of the files."""
    return load()


@dataclass(slots=True)
class _Source:
    """The library in use (None: the files'), and the shelf last built from it, per language."""

    library: Library | None = None
    built: dict[Language, tuple[Library, Shelf]] = field(default_factory=dict)


_source = _Source()


def use_library(library: Library | None) -> None:
    """Take articles from here from now on: an installation's library, as its staff reviewed it. None: the files'."""
    _source.library = library


def load_shelf(language: Language) -> Shelf:
    """The shelf of a language, built anew only where the library is another object than before.

    Raises:
        LibraryError: the library is not valid.
    """
    library = _source.library or shipped()
    known = _source.built.get(language)
    if known is None or known[0] is not library:
        known = (library, _build(library, language))
        _source.built[language] = known
    return known[1]


def _build(library: Library, language: Language) -> Shelf:
    rows: dict[str, Any] = tomllib.loads((BANK_DIR / f"questions_{language}.toml").read_text(encoding="utf-8"))
    documents = {article.id: _document(article, language) for article in library.articles.values()}
    counts = Counter(term for document in documents.values() for term in document.head | document.body)
    idf = {term: math.log((1 + len(documents)) / count) for term, count in counts.items()}
    lines = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in rows["lines"].items()}
    return Shelf(
        language=language,
        documents=documents,
        idf=idf,
        unknown=max(idf.values()),
        asks=tuple(map(re.compile, rows["asks"])),
        vetoes=tuple(map(re.compile, rows["vetoes"])),
        strict=re.compile(rows["strict"]),
        drop=tuple(sorted(rows["drop"].split(), key=len, reverse=True)),
        same=rows["same"],
        cues=rows["cues"],
        lines=lines,
    )


def _document(article: Article, language: Language) -> Document:
    title, answer = article.title.of(language), article.answer.of(language)
    head = " ".join((title, article.question.of(language), *article.key_points.of(language)))
    state = article.review.state
    sentences = tuple(s.strip() for s in SENTENCE[language].split(answer) if s.strip() and _may_stand(s, language))
    return Document(
        id=article.id,
        title=title,
        sentences=sentences,
        is_usable=state in USABLE,
        is_approved=state == "approved",
        sentence_terms=tuple(_terms_of(sentence, language) for sentence in sentences),
        title_terms=_terms_of(title, language),
        head=_terms_of(head, language),
        body=_terms_of(answer, language),
    )


def _may_stand(sentence: str, language: Language) -> bool:
    """Sentences with slots or a question, and those the guard would refuse, are not quoted."""
    if "{" in sentence or QUESTION.search(QUOTED.sub("", sentence)):
        return False
    return check(sentence, language=language, risk=RiskLevel.NONE, allowed_numbers=frozenset()).is_allowed


def _terms_of(text: str, language: Language) -> frozenset[str]:
    folded = plain(text)
    if language == "en":
        return frozenset(stem(word) for word in re.findall(r"[a-z][a-z'-]+", folded))
    return pairs(folded)


def _worth(term: str, document: Document) -> float:
    return HEAD if term in document.head else BODY if term in document.body else 0.0
