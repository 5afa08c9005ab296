"""Labelled messages as the risk head learns them: authored rows, and each turn of a person in authored dialogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ml.evaluation.risk import HARD_KINDS
from ml.evaluation.rows import read_rows
from ml.risk.context import bound_level, context_finding
from ml.risk.features import Indices, message_features
from ml.risk.reading import Reading, read
from ml.types import ChatTurn, Language, RiskLevel

DATA = Path(__file__).resolve().parent.parent / "data" / "risk"
DIALOGUES = DATA.parent / "dialogues"
FILES = ("risk", "extra", "everyday", "plain", "voices", "helpline", "judged")
# Authors of ordinary talk; the others wrote to be hard, and their `none` is not what people say all day.
ORDINARY = frozenset("fkqtuxyC")
# Those of them who write as people type; x is literary, and is reported but sets no limit.
PLAIN = frozenset("fkqtuyC")
TALK = "talk"


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message, read once; n-grams of the message and of the person's earlier turns."""

    reading: Reading
    level: int
    author: str
    is_hard: bool
    is_ordinary: bool
    rule_level: int
    message: Indices
    before: tuple[Indices, ...]
    # The same message after plain talk; only of rows that stand alone and are judged.
    later: Example | None = None

    def read_alone(self) -> Example:
        """The same as if nothing had been said before; in a harmless scene the context has the last word, as in use."""
        return self if self.reading.has_setting else replace(self, reading=self.reading.alone())

    def after(self, context: Sequence[ChatTurn]) -> Example:
        """The same message after other turns."""
        reading = read(self.reading.message.original, context, self.reading.language)
        return replace(self, reading=reading, rule_level=_rule_level(reading), before=_features_of(reading))


def load_examples(language: Language, data: Path, dialogues: Path) -> list[Example]:
    """Read and normalise every row of the labelled files of one language, and every turn of the person in dialogues."""
    return [_example(row) for row in raw_rows(language, data, dialogues)]


def raw_rows(language: Language, data: Path, dialogues: Path) -> list[dict[str, Any]]:
    """The rows as they are written, in a fixed order."""
    files = [data / f"{name}_{language}.jsonl" for name in FILES]
    rows = [row for file in files for row in read_rows(file)]
    return rows + [row for talk in raw_talks(language, data, dialogues) for row in _rows_of(talk)]


def raw_talks(language: Language, data: Path, dialogues: Path) -> list[dict[str, Any]]:
    """Whole conversations, in a fixed order: written to be talks, and written to be answered well."""
    files = [data / f"talks_{language}.jsonl", dialogues / f"sft_{language}.jsonl"]
    return [talk for file in files for talk in read_rows(file)]


def voice_of(talk: Mapping[str, Any]) -> str:
    """Its author; voices of the dialogues are authors of their own: x and y."""
    author = str(talk["author"])
    return {"a": "x", "b": "y"}.get(author, author)


def _rows_of(dialogue: dict[str, Any]) -> list[dict[str, Any]]:
    """Each turn of the person with the turns before it."""
    fixed = {"lang": dialogue["lang"], "author": voice_of(dialogue)}
    return [
        {
            **fixed,
            "kind": turn.get("kind", TALK),
            "text": turn["text"],
            "risk": turn["risk"],
            "context": dialogue["turns"][:place],
        }
        for place, turn in enumerate(dialogue["turns"])
        if turn["role"] == "user"
    ]


def _example(row: dict[str, Any]) -> Example:
    turns = tuple(ChatTurn(turn["role"], turn["text"]) for turn in row.get("context") or ())
    reading = read(row["text"], turns, row["lang"])
    level = int(RiskLevel[row["risk"].upper()])
    return Example(
        reading=reading,
        level=level,
        author=row["author"],
        is_hard=level == 0 and row["kind"] in HARD_KINDS and row["author"] not in ORDINARY,
        is_ordinary=level == 0 and row["author"] in ORDINARY,
        rule_level=_rule_level(reading),
        message=message_features(reading.message.text),
        before=_features_of(reading),
    )


def _rule_level(reading: Reading) -> int:
    return int(bound_level(reading, context_finding(reading).level))


def _features_of(reading: Reading) -> tuple[Indices, ...]:
    return tuple(message_features(text) for text in reading.before[-6:])
