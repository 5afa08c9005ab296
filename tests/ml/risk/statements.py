"""The written statements of `statements_{en,zh}.toml`, by kind."""

from __future__ import annotations

import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")


def lines_of(language: str) -> dict[str, list[str]]:
    """Texts of one language by kind."""
    return tomllib.loads((FOLDER / f"statements_{language}.toml").read_text(encoding="utf-8"))


def statements(*kinds: str) -> list[tuple[str, str]]:
    """Kind and text of each line of both languages' files."""
    return [(kind, text) for language in LANGUAGES for kind in kinds for text in lines_of(language)[kind]]
