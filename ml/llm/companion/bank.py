"""The authored reply bank: reads `ml/data/bank/*.jsonl` into entries and finds them by situation. Chooses nothing."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ml.types import Language

BANK_DIR = Path(__file__).resolve().parents[2] / "data" / "bank"
SLOT = re.compile(r"\{(\w+)\}")
QUESTION = re.compile(r"[?？]")
ANY = "any"
# Kept in the file for review and not spoken: in transcripts they read as off the point.
RETIRED = frozenset(
    {"ben-0369", "ben-0371", "ben-0372", "ben-0380", "bzh-0003", "bzh-0335", "bzh-0343", "bzh-0368", "bzh-0383"}
    | {"bzh-0405"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One authored line. `form` is whole (stands alone) or part (composed); `situation` is any or a named one."""

    id: str
    language: Language
    form: str
    strategy: str
    emotions: frozenset[str]
    topics: frozenset[str]
    stages: frozenset[str]
    slots: frozenset[str]
    situation: str
    text: str
    review: str
    questions: int  # number of question marks
    trace: str  # longest literal piece between slots: what betrays the entry in a finished reply


@dataclass(frozen=True, slots=True)
class Bank:
    """All entries of one language, by id and by situation."""

    language: Language
    entries: tuple[Entry, ...]
    by_id: dict[str, Entry] = field(repr=False)
    by_situation: dict[str, tuple[Entry, ...]] = field(repr=False)

    def of(self, *situations: str) -> tuple[Entry, ...]:
        """Entries of the named situations, in that order."""
        return tuple(entry for name in situations for entry in self.by_situation.get(name, ()))


def read_entries(path: Path) -> list[Entry]:
    """Read one bank file; a line without a review state counts as unreviewed."""
    return [_entry(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@lru_cache(maxsize=2)
def load_bank(language: Language) -> Bank:
    """The bank of a language: the first corpus and what was written since."""
    read = (entry for name in ("bank", "more") for entry in read_entries(BANK_DIR / f"{name}_{language}.jsonl"))
    entries = tuple(entry for entry in read if entry.id not in RETIRED)
    grouped: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.situation].append(entry)
    return Bank(
        language=language,
        entries=entries,
        by_id={entry.id: entry for entry in entries},
        by_situation={name: tuple(group) for name, group in grouped.items()},
    )


def _entry(row: dict[str, object]) -> Entry:
    text = str(row["text"])
    situation = str(row.get("situation") or ANY)
    if row["strategy"] == "boundary" and situation == ANY:
        situation = "limits"  # a boundary line never answers an ordinary message
    language: Language = "zh" if row["lang"] == "zh" else "en"
    return Entry(
        id=str(row["id"]),
        language=language,
        form=str(row["form"]),
        strategy=str(row["strategy"]),
        emotions=_names(row["emotions"]),
        topics=_names(row["topics"]),
        stages=_names(row["stage"]),
        slots=frozenset(SLOT.findall(text)),
        situation=situation,
        text=text,
        review=str(row.get("review", "unreviewed")),
        questions=len(QUESTION.findall(text)),
        trace=max((piece.strip(' ,，。."「」“”') for piece in SLOT.split(text)[::2]), key=len),
    )


def _names(value: object) -> frozenset[str]:
    return frozenset(str(item) for item in value) if isinstance(value, list) else frozenset({str(value)})
