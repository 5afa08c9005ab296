"""What stands beside trained weights: the model card, the figures, and the hashes that pin the files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ml.llm.adapters import HASHES, file_hash


def write_hashes(folder: Path) -> dict[str, str]:
    """Hash every file of `folder` itself (not of folders in it) into `SHA256SUMS`, in the form `sha256sum -c` reads."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name != HASHES)
    sums = {file.name: file_hash(file) for file in files}
    (folder / HASHES).write_text("".join(f"{value}  {name}\n" for name, value in sums.items()), encoding="utf-8")
    return sums


def write_card(folder: Path, title: str, warning: str, figures: Mapping[str, object], *sections: str) -> None:
    """README.md for people, with any further sections, and metrics.json for programs, both from the same figures."""
    rows = "".join(f"| {name} | {value} |\n" for name, value in figures.items())
    text = f"# {title}\n\n**{warning}**\n\n| | |\n|---|---|\n{rows}\nThe files are pinned by `{HASHES}`.\n"
    text += "".join(f"\n{section}" for section in sections)
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


__all__ = ["HASHES", "file_hash", "write_card", "write_hashes"]
