"""What stands beside trained weights: the model card, the figures, and the hashes that pin the files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

HASHES = "SHA256SUMS"


def write_hashes(folder: Path) -> dict[str, str]:
    """Hash every file of `folder` itself (not of folders in it) into `SHA256SUMS`, in the form `sha256sum -c` reads."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name != HASHES)
    sums = {file.name: file_hash(file) for file in files}
    (folder / HASHES).write_text("".join(f"{value}  {name}\n" for name, value in sums.items()), encoding="utf-8")
    return sums


def file_hash(file: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_card(folder: Path, title: str, warning: str, figures: Mapping[str, object]) -> None:
    """README.md for people and metrics.json for programs, both from the same figures."""
    rows = "".join(f"| {name} | {value} |\n" for name, value in figures.items())
    text = f"# {title}\n\n**{warning}**\n\n| | |\n|---|---|\n{rows}\nThe files are pinned by `{HASHES}`.\n"
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
