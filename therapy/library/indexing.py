"""Keeps what search reads in step with the library: words at once, sentence vectors by a task or a command."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Q, Value

from ml.planning.records import Library
from ml.types import Language
from therapy.core import engines
from therapy.library.models import Kind, SearchEntry
from therapy.library.selectors import whole_library

LANGUAGES: tuple[Language, ...] = ("en", "zh")
CONFIG: dict[Language, str] = {"en": "english", "zh": "simple"}
_HAN = re.compile(r"[\u3400-\u9fff]+")
AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """What is searched of one item in one language. `gist` is short: what the encoder reads."""

    kind: str
    key: str
    language: Language
    title: str
    gist: str
    text: str

    @property
    def digest(self) -> str:
        """Differs whenever something of the entry does."""
        return hashlib.sha256("\x1f".join((self.title, self.gist, self.text)).encode()).hexdigest()


def terms_of(text: str, language: Language) -> str:
    """The text as its search words stand in the index: Chinese as pairs of characters, all else as it is."""
    if language != "zh":
        return text

    def pairs(match: re.Match[str]) -> str:
        run = match.group()
        return f" {' '.join(run[place : place + 2] for place in range(max(1, len(run) - 1)))} "

    return _HAN.sub(pairs, text)


def entries_of(library: Library) -> tuple[Entry, ...]:
    """Every item in both languages."""
    return tuple(entry for language in LANGUAGES for entry in _entries(library, language))


def _entries(library: Library, language: Language) -> Iterator[Entry]:
    for technique in library.techniques.values():
        title, summary = technique.title.of(language), technique.summary.of(language)
        rest = (technique.why.of(language), *technique.steps.of(language))
        yield Entry(Kind.TECHNIQUE, technique.id, language, title, f"{title}. {summary}", "\n".join((summary, *rest)))
    for article in library.articles.values():
        title, question = article.title.of(language), article.question.of(language)
        rest = (*article.key_points.of(language), article.answer.of(language))
        yield Entry(Kind.ARTICLE, article.id, language, title, question, "\n".join((question, *rest)))
    for practice in library.practices.values():
        title = practice.title.of(language)
        lines = [line for phase in practice.phases for line in phase.script.of(language)]
        yield Entry(Kind.PRACTICE, practice.id, language, title, title, "\n".join(lines))


def refresh_words() -> int:
    """Write the entries that are missing or differ, and drop those whose item is gone; quick, so done before a search.

    Returns how many were written.
    """
    wanted = {(entry.kind, entry.key, entry.language): entry for entry in entries_of(whole_library())}
    rows = SearchEntry.objects.values_list("kind", "key", "language", "digest")
    there = {(kind, key, language): digest for kind, key, language, digest in rows}
    stale = [entry for place, entry in wanted.items() if there.get(place) != entry.digest]
    gone = set(there) - set(wanted)
    if stale or gone:
        _write(stale, gone)
    return len(stale)


@transaction.atomic
def _write(stale: list[Entry], gone: set[tuple[str, str, str]]) -> None:
    for kind, key, language in gone:
        SearchEntry.objects.filter(kind=kind, key=key, language=language).delete()
    for entry in stale:
        config = CONFIG[entry.language]
        title, text = (Value(terms_of(part, entry.language)) for part in (entry.title, entry.text))
        SearchEntry.objects.update_or_create(
            kind=entry.kind,
            key=entry.key,
            language=entry.language,
            defaults={
                "digest": entry.digest,
                "title": entry.title[:300],
                "text": entry.gist,
                "words": SearchVector(title, weight="A", config=config) + SearchVector(text, weight="C", config=config),
                "vector": None,
                "encoder": "",
            },
        )


def make_vectors(*, limit: int = AT_ONCE) -> int:
    """Let the encoder read entries it has not read, or another encoder has; returns how many were made."""
    refresh_words()
    name = engines.encoder_name()
    if not name:
        return 0
    stale = SearchEntry.objects.filter(Q(vector__isnull=True) | ~Q(encoder=name)).order_by("pk")
    made = 0
    for row in stale[:limit]:
        vector = engines.sentence_vector(row.text)
        if vector is not None:
            packed = np.asarray(vector, dtype=np.float32).tobytes()
            made += SearchEntry.objects.filter(pk=row.pk, digest=row.digest).update(vector=packed, encoder=name)
    return made
