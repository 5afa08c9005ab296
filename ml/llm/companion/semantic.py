"""Character n-gram TF-IDF similarity between what a person wrote and the bank's lines. Pure arithmetic, no model."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from ml.llm.companion.bank import SLOT, load_bank
from ml.llm.companion.lexicon import plain
from ml.types import Language

SIZES = {"en": (3, 4, 5), "zh": (1, 2, 3)}
Vector = dict[str, float]


@dataclass(frozen=True, slots=True)
class Index:
    """Inverse document frequencies and one unit vector per entry id."""

    language: Language
    idf: dict[str, float]
    vectors: dict[str, Vector]

    def vector(self, text: str) -> Vector:
        """Unit TF-IDF vector of a text; grams the bank never uses weigh nothing."""
        return _unit(
            {g: (1 + math.log(n)) * self.idf[g] for g, n in grams(text, self.language).items() if g in self.idf}
        )

    def similarity(self, query: Vector, entry_id: str) -> float:
        """Cosine in [0, 1]."""
        return cosine(query, self.vectors[entry_id])


def cosine(first: Vector, second: Vector) -> float:
    """Dot product of two unit vectors."""
    short, long = (first, second) if len(first) < len(second) else (second, first)
    return sum(weight * long.get(gram, 0.0) for gram, weight in short.items())


def grams(text: str, language: Language) -> Counter[str]:
    """Character n-grams; in English inside words with their borders, in Chinese across the string."""
    folded = plain(SLOT.sub(" ", text))
    units = [f" {word} " for word in folded.split()] if language == "en" else [folded.replace(" ", "")]
    return Counter(unit[i : i + n] for unit in units for n in SIZES[language] for i in range(len(unit) - n + 1))


@lru_cache(maxsize=2)
def load_index(language: Language) -> Index:
    """Weigh and vectorise the bank of a language once."""
    entries = load_bank(language).entries
    counts = {entry.id: grams(entry.text, language) for entry in entries}
    frequency = Counter(gram for count in counts.values() for gram in count)
    idf = {gram: math.log((1 + len(entries)) / (1 + n)) for gram, n in frequency.items() if n > 1}
    vectors = {
        key: _unit({g: (1 + math.log(n)) * idf[g] for g, n in count.items() if g in idf})
        for key, count in counts.items()
    }
    return Index(language=language, idf=idf, vectors=vectors)


def _unit(vector: Vector) -> Vector:
    norm = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {gram: weight / norm for gram, weight in vector.items()} if norm else {}
