"""Dialogues for the language-model trainers: read and checked, split by id, encoded exactly as at inference.

Only assistant turns carry labels; everything else is masked out of the loss.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from torch import Tensor

from ml.llm.prompts import build_messages
from ml.llm.transformers.fitting import Messages, PromptFitter
from ml.types import ChatTurn, Language, ReplyRequest

MASKED = -100  # the label that cross entropy passes over
SPEAKERS = ("user", "assistant")
SCRIPTS = "*scripts.jsonl"


class TrainingError(ValueError):
    """The training cannot be done as asked; the text is fit for the terminal."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation to learn from."""

    id: str
    language: Language
    turns: tuple[ChatTurn, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids and their labels, same length; `MASKED` where nothing is learned.

    `lengths`: where several examples were packed into one, how long each is; none of them sees another.
    """

    ids: list[int]
    labels: list[int]
    lengths: tuple[int, ...] = ()


def dialogue_files(paths: Sequence[Path]) -> list[Path]:
    """The files that `paths` stand for; scripts are for the evaluation, nobody answers in them."""
    return [
        file
        for path in paths
        for file in (sorted(set(path.glob("*.jsonl")) - set(path.glob(SCRIPTS))) if path.is_dir() else [path])
    ]


def read_dialogues(paths: Sequence[Path]) -> list[Dialogue]:
    """All dialogues of JSON-lines files, or of the `*.jsonl` in directories, in a stable order.

    Raises:
        TrainingError: a path is missing, a line cannot be used, or there is nothing to read.
    """
    files = dialogue_files(paths)
    for file in files:
        if not file.is_file():
            raise TrainingError(f"no such file: {file}")
    dialogues = [dialogue for file in files for dialogue in _read_file(file)]
    if not dialogues:
        raise TrainingError(f"no dialogues in {', '.join(map(str, paths))}")
    return dialogues


def split(dialogues: Iterable[Dialogue], held_share: float) -> tuple[list[Dialogue], list[Dialogue]]:
    """Train and held-out parts by the hash of the id: a dialogue never changes sides when others are added."""
    parts: tuple[list[Dialogue], list[Dialogue]] = ([], [])
    for dialogue in dialogues:
        place = int.from_bytes(hashlib.sha256(dialogue.id.encode()).digest()[:8]) / 2**64
        parts[place < held_share].append(dialogue)
    return parts


def messages_of(dialogue: Dialogue) -> Messages:
    """The dialogue as the engine would show it to the model."""
    return build_messages(ReplyRequest(dialogue.id, dialogue.language, dialogue.turns))


def encode(dialogue: Dialogue, fitter: PromptFitter, limit: int) -> list[Example]:
    """Examples of at most `limit` tokens with loss on assistant turns only; too long ones lose their end.

    One example holds the whole dialogue where the template only ever appends; where it rewrites earlier turns
    (reasoning models), every assistant turn becomes an example of its own.
    """
    messages = messages_of(dialogue)
    replies = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    whole = _appended(messages, replies, fitter)
    examples = [whole] if whole else [_single(messages[: place + 1], fitter) for place in replies]
    cut = [Example(example.ids[:limit], example.labels[:limit]) for example in examples]
    return [example for example in cut if any(label != MASKED for label in example.labels)]


def pack(examples: Sequence[Example], limit: int) -> list[Example]:
    """Examples side by side in as few rows of at most `limit` tokens as first fit finds, the longest first."""
    rows: list[list[Example]] = []
    left: list[int] = []
    for example in sorted(examples, key=lambda item: -len(item.ids)):
        size = len(example.ids)
        place = next((place for place, free in enumerate(left) if free >= size), len(rows))
        if place == len(rows):
            rows.append([])
            left.append(limit)
        rows[place].append(example)
        left[place] -= size
    return [_joined(row) for row in rows]


def collate(examples: Sequence[Example], pad: int, device: torch.device) -> dict[str, Tensor]:
    """Right-padded batch: `input_ids`, `labels`, and `attention_mask`, each of shape [examples, longest].

    For packed examples `position_ids` stand in place of the mask: where they begin anew, a new example begins, and
    transformers keeps attention inside it.
    """
    longest = max(len(example.ids) for example in examples)
    fill = [longest - len(example.ids) for example in examples]
    pairs = list(zip(examples, fill, strict=True))
    batch = {
        "input_ids": torch.tensor([item.ids + [pad] * gap for item, gap in pairs], device=device),
        "labels": torch.tensor([item.labels + [MASKED] * gap for item, gap in pairs], device=device),
    }
    if any(item.lengths for item in examples):
        places = [[*_places(item), *range(gap)] for item, gap in pairs]
        return batch | {"position_ids": torch.tensor(places, device=device)}
    mask = [[1] * len(item.ids) + [0] * gap for item, gap in pairs]
    return batch | {"attention_mask": torch.tensor(mask, device=device)}


def _joined(row: Sequence[Example]) -> Example:
    """One row. The first label of each part is masked: nothing is predicted across a border."""
    ids = [token for example in row for token in example.ids]
    labels = [label for example in row for label in [MASKED, *example.labels[1:]]]
    return Example(ids, labels, tuple(len(example.ids) for example in row))


def _places(example: Example) -> list[int]:
    return [place for length in example.lengths or (len(example.ids),) for place in range(length)]


def _appended(messages: Messages, replies: Sequence[int], fitter: PromptFitter) -> Example | None:
    """The dialogue in one piece, or None where a rendered prefix is not the beginning of the whole."""
    whole = fitter.render(messages, add_generation_prompt=False)
    ids: list[int] = []
    labels: list[int] = []
    done = 0
    for place in replies:
        asked = fitter.render(messages[:place])
        answered = fitter.render(messages[: place + 1], add_generation_prompt=False)
        if not (whole.startswith(answered) and answered.startswith(asked) and len(asked) >= done):
            return None
        _extend(ids, labels, _tokens(fitter, whole[done : len(asked)]), learned=False)
        _extend(ids, labels, _tokens(fitter, whole[len(asked) : len(answered)]), learned=True)
        done = len(answered)
    return Example(ids, labels)


def _single(messages: Messages, fitter: PromptFitter) -> Example:
    """The last message as an answer to those before it, in the form in which it will be asked for."""
    prompt = _tokens(fitter, fitter.render(messages[:-1]))
    answer = [*_tokens(fitter, messages[-1]["content"]), fitter.tokenizer.eos_token_id]
    return Example(prompt + answer, [MASKED] * len(prompt) + answer)


def _extend(ids: list[int], labels: list[int], tokens: list[int], learned: bool) -> None:
    ids += tokens
    labels += tokens if learned else [MASKED] * len(tokens)


def _tokens(fitter: PromptFitter, text: str) -> list[int]:
    tokens: list[int] = fitter.tokenizer.encode(text, add_special_tokens=False)
    return tokens


def _read_file(file: Path) -> Iterable[Dialogue]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _parse(line, f"{file}:{number}")


def _parse(line: str, where: str) -> Dialogue:
    try:
        row: Any = json.loads(line)
        turns = tuple(ChatTurn(turn["role"], str(turn["text"])) for turn in row["turns"])
        dialogue = Dialogue(str(row["id"]), row["lang"], turns)
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise TrainingError(f"{where}: not a dialogue (id, lang, turns with role and text)") from error
    if dialogue.language not in get_args(Language) or any(turn.role not in SPEAKERS for turn in turns):
        raise TrainingError(f"{where}: language must be en or zh, roles user or assistant")
    if not any(turn.role == "assistant" for turn in turns):
        raise TrainingError(f"{where}: nobody answers in it")
    return dialogue
