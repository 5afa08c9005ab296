"""Words that name a feeling outright, in both languages; cues only, the classifier has the last word.

A cue counts where no negation comes just before it. The words are in ml/data/emotion/lexicon.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from ml.types import Language

_FILE = Path(__file__).resolve().parent.parent / "data" / "emotion" / "lexicon.toml"
# Each is a fixed-width look-behind, hence the separate spellings.
_NEGATIONS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        r"\bnot ",
        r"\bno ",
        "n't ",
        r"\bnever ",
        r"\bwithout ",
        r"\bnot so ",
        r"\bnot that ",
        "n't feel ",
        "not feel ",
    ),
    "zh": ("不", "没", "别", "没有", "不太", "不是", "不会", "不要", "不再"),
}


def _patterns(language: Language) -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))[language]
    unless = "".join(f"(?<!{words})" for words in _NEGATIONS[language])
    edge = r"\b" if language == "en" else ""
    return {
        name: re.compile(f"{edge}{unless}(?:{'|'.join(words)}){edge}", re.IGNORECASE) for name, words in table.items()
    }


CUES: Mapping[Language, Mapping[str, re.Pattern[str]]] = {"en": _patterns("en"), "zh": _patterns("zh")}


def cues(text: str, language: Language) -> dict[str, int]:
    """Feelings named outright in `text` and how often, in the order of the table."""
    found = {name: len(pattern.findall(text)) for name, pattern in CUES[language].items()}
    return {name: count for name, count in found.items() if count}
