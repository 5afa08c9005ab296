"""Rows the encoder learns from: labelled messages of many sources in one shape, each with the targets it has."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from ml.encoder.heads import KINDS, STRESSORS
from ml.encoder.tokens import Tokens, encode
from ml.risk.rules import find_hits
from ml.text import normalise
from ml.training import emotion_data, risk_rows
from ml.training.emotion_data import Example
from ml.training.emotion_weak import weak_examples
from ml.types import ChatTurn, Language, RiskLevel

_SAD_NAMES = dict(
    zip(
        STRESSORS,
        (
            "Work",
            "School",
            "Financial Problem",
            "Family Issues",
            "Social Relationships",
            "Health, Fatigue, or Physical Pain",
            "Emotional Turmoil",
            "Everyday Decision Making",
            "Other",
        ),
        strict=True,
    )
)
WEAK_ROWS = 3_000
# Everyday lines of public sets in which no rule finds anything: taken as free of danger, at a small weight.
CALM_ROWS = 4_000
CALM_WEIGHT = 0.3
LEVEL_NONE = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One message with the targets it has; what is None or empty teaches that head nothing."""

    text: str
    language: Language
    author: str = ""
    # Rows of one contrast share a name: nearly the same words, another level.
    pair: str = ""
    context: tuple[ChatTurn, ...] = ()
    level: int | None = None
    level_weight: float = 1.0
    kind: int | None = None
    goemotions: tuple[str, ...] | None = None
    feelings: Mapping[str, float] = field(default_factory=dict)
    stressors: tuple[float, ...] = ()
    severity: float | None = None


def risk(language: Language) -> list[Row]:
    """Authored risk rows and the person's turns of authored dialogues, each in its context."""
    return [_risk_row(row, language) for row in risk_rows.raw_rows(language, risk_rows.DATA, risk_rows.DIALOGUES)]


def _risk_row(row: dict[str, Any], language: Language) -> Row:
    return Row(
        text=row["text"],
        language=language,
        author=row["author"],
        pair=row.get("pair") or "",
        context=tuple(ChatTurn(turn["role"], turn["text"]) for turn in row.get("context") or ()),
        level=int(RiskLevel[row["risk"].upper()]),
        kind=KINDS.index(row["kind"]) if row["kind"] in KINDS else None,
    )


def emotions(data: Path, lines: Path, chance: random.Random) -> list[Row]:
    """GoEmotions, the training side of the authored turns, single lines, XED and weak labels, as emotion rows."""
    examples = emotion_data.goemotions(data / "emotion", "train")
    examples += emotion_data.authored(risk_rows.DIALOGUES / "sft_en.jsonl", "en", held_out=False) * 2
    examples += emotion_data.authored(risk_rows.DIALOGUES / "sft_zh.jsonl", "zh", held_out=False) * 2
    examples += emotion_data.lines(lines, "zh") * 2
    examples += emotion_data.xed(data / "emotion", "zh")
    weak = weak_examples(data / "dialogue_zh" / "clean_train_zh.jsonl.xz", chance)
    examples += chance.sample(weak, min(WEAK_ROWS, len(weak)))
    return [emotion_row(example) for example in examples]


def emotion_row(example: Example) -> Row:
    """An emotion example as a row of the encoder."""
    return Row(example.text, example.language, goemotions=example.goemotions, feelings=example.feelings)


def stressors(data: Path) -> list[Row]:
    """SAD: shares of nine stressors and severity from 0 to 1; free of danger where no rule finds anything."""
    rows = []
    for row in emotion_data.rows(data / "emotion" / "sad_en.jsonl.xz"):
        shares = tuple(_number(row[_SAD_NAMES[name]]) for name in STRESSORS)
        text, total = str(row["text"]), sum(shares)
        if len(text) > 3 and total > 0:
            rows.append(
                Row(
                    text,
                    "en",
                    level=None if find_hits(normalise(text)) else LEVEL_NONE,
                    level_weight=CALM_WEIGHT,
                    stressors=tuple(share / total for share in shares),
                    severity=_number(row["avg_severity"]) / 10,
                )
            )
    return rows


def calm(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    """Some emotion rows taken as free of danger: no rule and no hint finds anything in them."""
    public = [row for row in rows if row.goemotions is not None]
    return [
        Row(row.text, row.language, level=LEVEL_NONE, level_weight=CALM_WEIGHT)
        for row in chance.sample(public, min(CALM_ROWS, len(public)))
        if not find_hits(normalise(row.text))
    ]


def digest(rows: Sequence[Row]) -> int:
    """Checksum of the texts in their order: scores belong to the rows they were made for."""
    return zlib.crc32("\n".join(row.text for row in rows).encode("utf-8", "replace"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def tokenised(rows: Sequence[Row], tokenizer: Tokenizer) -> Iterator[Tokens]:
    """Each row as the encoder is fed."""
    for row in rows:
        yield encode(tokenizer, normalise(row.text).text, row.context)
