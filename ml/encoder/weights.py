"""Where the shipped weight files lie and whether they are the ones that were measured (SHA-256)."""

from __future__ import annotations

import hashlib
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent / "models"
SUMS = "SHA256SUMS"


def problems(directory: Path) -> list[str]:
    """What is wrong with the files that SHA256SUMS in `directory` lists; empty where all is well."""
    sums = directory / SUMS
    if not sums.is_file():
        return [f"{directory.name}: {SUMS} is missing"]
    found = []
    for line in sums.read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        path = directory / name
        if not path.is_file():
            found.append(f"{directory.name}: {name} is missing")
        elif digest(path) != expected:
            found.append(f"{directory.name}: {name} is not the file that was measured")
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(directory: Path, names: list[str]) -> None:
    """Pin the named files of `directory` as they are now."""
    lines = [f"{digest(directory / name)}  {name}\n" for name in sorted(names)]
    (directory / SUMS).write_text("".join(lines), encoding="utf-8")
