"""Reads the public and authored rows for emotion training into one shape; decides what is held out."""

from __future__ import annotations

import json
import lzma
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.types import Language
from ml.understanding.labels import FEELING_OF_GOEMOTIONS, FEELING_OF_XED, FEELINGS
from ml.understanding.lexicon import cues

HELD_OUT_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text. `goemotions` is None where the row has no such labels; `feelings` sums to 1 or is empty."""

    text: str
    language: Language
    source: str
    feelings: Mapping[str, float]
    goemotions: tuple[str, ...] | None = None


def rows(path: Path) -> Iterator[dict[str, object]]:
    """JSON objects of a .jsonl or .jsonl.xz file."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def spread(labels: Sequence[str], table: Mapping[str, str]) -> dict[str, float]:
    """Even distribution over the mapped labels; labels outside the table count for nothing."""
    mapped = Counter(table[label] for label in labels if label in table)
    total = sum(mapped.values())
    return {label: count / total for label, count in mapped.items()}


def is_held_out(dialogue_id: str) -> bool:
    """Whole authored dialogues go to one side, chosen by a checksum of their id: stable over runs and machines."""
    return zlib.crc32(dialogue_id.encode()) % 100 < HELD_OUT_PERCENT


def goemotions(directory: Path, split: str) -> list[Example]:
    """GoEmotions rows. For train, texts that also stand in dev or test are dropped."""
    examples = list(_goemotions(directory / f"goemotions_original_{split}_en.jsonl.xz"))
    if split != "train":
        return examples
    seen = {_key(e.text) for other in ("dev", "test") for e in goemotions(directory, other)}
    return [example for example in examples if _key(example.text) not in seen]


def _key(text: str) -> str:
    return " ".join(text.lower().split())


def _goemotions(path: Path) -> Iterator[Example]:
    for row in rows(path):
        text, labels = str(row["text"]), _names(row["labels"])
        feelings = spread(labels, FEELING_OF_GOEMOTIONS)
        if "sadness" in feelings and "loneliness" in cues(text, "en"):
            feelings["loneliness"] = feelings.pop("sadness")
        yield Example(text, "en", "goemotions", feelings, labels)


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def xed(directory: Path, language: Language) -> list[Example]:
    """XED subtitles; rows whose only labels are trust or anticipation carry no feeling of ours and are dropped."""
    examples = []
    for row in rows(directory / f"xed_{language}.jsonl.xz"):
        feelings = spread(_names(row["labels"]), FEELING_OF_XED)
        if feelings:
            examples.append(Example(str(row["text"]), language, "xed", feelings))
    return examples


def authored(path: Path, language: Language, *, held_out: bool) -> list[Example]:
    """User turns of the authored dialogues with their feeling, one side of the split."""
    examples = []
    for row in rows(path):
        turns = row["turns"]
        if is_held_out(str(row["id"])) != held_out or not isinstance(turns, list):
            continue
        for turn in turns:
            if turn["role"] == "user" and turn["emotion"] in FEELINGS:
                examples.append(Example(turn["text"], language, "authored", {turn["emotion"]: 1.0}))
    return examples


def lines(path: Path, language: Language) -> list[Example]:
    """Short single lines written for this project, one feeling each."""
    return [Example(str(row["text"]), language, "lines", {str(row["label"]): 1.0}) for row in rows(path)]
