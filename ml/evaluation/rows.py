"""Reads evaluation files: one JSON object a line, plain or xz-compressed. Knows nothing of any suite."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class EvaluationError(Exception):
    """The evaluation cannot be made as asked; the text is fit for the terminal."""


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file (`.xz` is unpacked on the way); blank lines are passed over.

    Raises:
        EvaluationError: the file is missing, or a line is not a JSON object.
    """
    if not path.is_file():
        raise EvaluationError(f"No such file: {path}")
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", errors="surrogatepass") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _parse(line, path, number)


def _parse(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{path}:{number}: not JSON ({error.msg})") from error
    if not isinstance(row, dict):
        raise EvaluationError(f"{path}:{number}: not a JSON object")
    return row
