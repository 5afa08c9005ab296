"""Finds items by words and by meaning: full text of Postgres, and sentence vectors of the encoder.

English is stemmed by Postgres. Chinese has no blanks between words: every pair of characters counts as a word, in the
text and in the question alike. Both rankings are joined by reciprocal rank, so that neither scale has to be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet

from ml.types import Language
from therapy.core import engines
from therapy.library import indexing
from therapy.library.models import SearchEntry

MOST_CHARACTERS = 200
LIMIT = 20
# The usual constant of reciprocal rank fusion (Cormack et al. 2009).
RANK_OFFSET = 60
# Below this likeness a vector says little more than that both are sentences. Chosen by eye, not measured yet.
NEAR_ENOUGH = 0.35


@dataclass(frozen=True, slots=True)
class Hit:
    """One item found, in one language. `by` says how: words, meaning or both."""

    kind: str
    key: str
    title: str
    score: float
    by: str


def search(words: str, *, language: Language, kinds: Sequence[str] = (), limit: int = LIMIT) -> list[Hit]:
    """The best items for some words, best first; empty where nothing is near."""
    words = words[:MOST_CHARACTERS]
    if not words.strip():
        return []
    indexing.refresh_words()
    entries = SearchEntry.objects.filter(language=language)
    if kinds:
        entries = entries.filter(kind__in=list(kinds))
    by_words = _by_words(entries, words, language)
    by_meaning = _by_meaning(entries, words)
    return _joined(by_words, by_meaning)[:limit]


def _by_words(entries: QuerySet[SearchEntry], words: str, language: Language) -> list[SearchEntry]:
    """Every word counts; the more of them stand in an entry, the higher."""
    config = indexing.CONFIG[language]
    terms = [term for term in indexing.terms_of(words, language).split() if re.search(r"\w", term)]
    query = None
    for term in terms[:40]:
        part = SearchQuery(term, config=config)
        query = part if query is None else query | part
    if query is None:
        return []
    ranked = entries.filter(Q(words=query)).annotate(rank=SearchRank(F("words"), query))
    return list(ranked.order_by("-rank", "key")[:50])


def _by_meaning(entries: QuerySet[SearchEntry], words: str) -> list[SearchEntry]:
    rows = list(entries.filter(vector__isnull=False))
    vector = engines.sentence_vector(words) if rows else None
    if vector is None:
        return []
    matrix = np.stack([np.frombuffer(bytes(row.vector or b""), dtype=np.float32) for row in rows])
    likeness = matrix @ np.asarray(vector, dtype=np.float32)
    order = np.argsort(-likeness)
    return [rows[place] for place in order[:50] if likeness[place] >= NEAR_ENOUGH]


def _joined(by_words: Sequence[SearchEntry], by_meaning: Sequence[SearchEntry]) -> list[Hit]:
    scores: dict[int, float] = {}
    rows = {row.pk: row for row in (*by_words, *by_meaning)}
    for ranking in (by_words, by_meaning):
        for place, row in enumerate(ranking):
            scores[row.pk] = scores.get(row.pk, 0.0) + 1 / (RANK_OFFSET + place)
    worded, meant = {row.pk for row in by_words}, {row.pk for row in by_meaning}
    hits = []
    for pk, score in sorted(scores.items(), key=lambda one: -one[1]):
        by = "both" if pk in worded & meant else "words" if pk in worded else "meaning"
        hits.append(Hit(rows[pk].kind, rows[pk].key, rows[pk].title, score, by))
    return hits
