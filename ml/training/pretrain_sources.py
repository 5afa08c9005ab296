"""What a base model learns from: public text under licences that allow shipping weights, cleaned as we would speak."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from ml.llm.guard import check
from ml.llm.prompts import CONTROL, INVISIBLE
from ml.training.lora_data import TrainingError
from ml.training.scrub import scrub, scrub_turns
from ml.types import ChatTurn, Language, RiskLevel

TABLE = Path(__file__).with_name("pretrain_sources.toml")
# Licences, as their publishers state them, that allow weights in an open project. A reading, not legal advice.
SHIPPABLE = frozenset({"CC0-1.0", "CC-BY-4.0", "MIT", "Apache-2.0", "CDLA-Sharing-1.0", "CDLA-Permissive-2.0"})
HELD_SHARE = 0.01
MOST_SENTENCES, MOST_WORDS = 5, 110
PASSAGE = 1600  # characters of a piece of running text
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
LIST_ITEM = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s", re.MULTILINE)
# How the person of a dialogue addresses the other side; the assistant is none of these.
ADDRESSED = re.compile(r"^(?:你好[，,]?)?(?:心理)?(?:咨询师|医生|老师|专家)(?:您好|你好)?[，,：:！!。]\s?")
ROLES = {"client": "user", "user": "user", "counselor": "assistant", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the table."""

    name: str
    file: str
    kind: Literal["dialogue", "answer", "talk", "text"]
    language: Language
    share: float
    licence: str
    credit: str


@dataclass(frozen=True, slots=True)
class Document:
    """Either a dialogue (`turns`) or running text."""

    id: str
    language: Language
    turns: tuple[ChatTurn, ...] = ()
    text: str = ""

    @property
    def is_held_out(self) -> bool:
        """Kept for evaluation, by the hash of the id."""
        return int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:8]) / 2**64 < HELD_SHARE


def read_table(file: Path, data: Path) -> list[Source]:
    """The sources of a table whose files are there.

    Raises:
        TrainingError: an entry is wrong, its licence does not allow shipping weights, or none of the files is there.
    """
    try:
        sources = [Source(**row) for row in tomllib.loads(file.read_text(encoding="utf-8"))["source"]]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise TrainingError(f"{file} is no table of sources: {error}") from error
    for source in sources:
        if source.licence not in SHIPPABLE:
            raise TrainingError(f"{source.name}: under {source.licence} no weights may be shipped; take it out")
    found = [source for source in sources if (data / source.file).is_file()]
    if not found:
        raise TrainingError(f"none of the files that {file.name} names lies under {data}")
    return found


def read_documents(source: Source, data: Path) -> Iterator[Document]:
    """Cleaned documents of one source, in its order; what cannot be used is left out."""
    for number, row in enumerate(_rows(data / source.file)):
        name = f"{source.file}#{row.get('id', number)}"
        if source.kind in ("dialogue", "answer"):
            turns = _dialogue(row, source)
            if turns:
                yield Document(name, source.language, turns=turns)
        elif source.kind == "talk":
            text = "\n".join(str(turn["content"]).strip() for turn in row["turns"])
            yield Document(name, source.language, text=clean(text))
        else:
            for place, passage in enumerate(_passages(str(row["text"]))):
                yield Document(f"{name}.{place}", source.language, text=clean(passage))


def clean(text: str) -> str:
    """Without marks that a chat template could take for its own, and without addresses and numbers of people."""
    return scrub(CONTROL.sub(" ", INVISIBLE.sub("", text))).strip()


def shortened(answer: str) -> str:
    """The first few sentences before any list: as long as a reply may be."""
    lead = " ".join(LIST_ITEM.split(answer, maxsplit=1)[0].split())
    kept: list[str] = []
    for sentence in SENTENCE_END.split(lead)[:MOST_SENTENCES]:
        if sentence.endswith(":") or sum(len(item.split()) for item in [*kept, sentence]) > MOST_WORDS:
            break
        kept.append(sentence)
    return " ".join(kept)


def _dialogue(row: dict[str, Any], source: Source) -> tuple[ChatTurn, ...]:
    if source.kind == "answer":
        turns = [ChatTurn("user", str(row["question"])), ChatTurn("assistant", shortened(str(row["answer"])))]
    else:
        turns = [ChatTurn(cast(Any, ROLES[turn["role"]]), str(turn["content"])) for turn in row["turns"]]
    turns = [ChatTurn(turn.role, ADDRESSED.sub("", turn.text) if turn.role == "user" else turn.text) for turn in turns]
    # First the guard: what it refuses must not be hidden from it by a mark.
    return scrub_turns(_speakable(turns, source.language))


def _speakable(turns: list[ChatTurn], language: Language) -> list[ChatTurn]:
    """The dialogue up to the first answer that our own guard would refuse: nothing is taught that may not be said."""
    last = 0
    for place, turn in enumerate(turns):
        if turn.role != "assistant":
            continue
        verdict = check(turn.text, language=language, risk=RiskLevel.NONE, allowed_numbers=frozenset())
        if not turn.text or not verdict.is_allowed:
            break
        last = place + 1
    return turns[:last]


def _passages(text: str) -> Iterator[str]:
    """Running text in pieces of whole paragraphs."""
    piece = ""
    for paragraph in text.split("\n"):
        if piece and len(piece) + len(paragraph) > PASSAGE:
            yield piece
            piece = ""
        piece += paragraph.strip() + "\n"
    if piece.strip():
        yield piece


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(file, "rt", encoding="utf-8") if file.suffix == ".xz" else file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
