"""Character folding: one character in, its plain lower-case form out ("" where it only hides things). No words here."""

from __future__ import annotations

import unicodedata
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"

# Letters of other scripts that look Latin; used to slip words past filters.
_LOOKALIKES = dict(
    zip(
        "асеорхуікѕтнмвԁԛգһјӏɡоαεικνορτυχßøłđıƙ",
        "aceopxyikstnmbdqghjlgoaeiknoptuxsoldik",
        strict=True,
    )
)
_QUOTES = {"‘": "'", "’": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "「": '"', "」": '"', "…": "…"}
_HIDDEN_CATEGORIES = frozenset({"Cf", "Cs", "Cn", "Co", "Cc", "Mn", "Me"})
_JOINERS_KEPT = "\n\t\r\x0b\x0c\x85"


def _traditional() -> dict[str, str]:
    """Traditional or variant Han character → simplified (built from OpenCC's character tables, Apache-2.0)."""
    traditional, simplified = (DATA / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return dict(zip(traditional, simplified, strict=True))


def _fold(character: str) -> str:
    if character in _JOINERS_KEPT:
        return "\n" if character in "\n\r\x0b\x0c\x85" else " "
    if unicodedata.category(character) in _HIDDEN_CATEGORIES:
        return ""
    if character in _QUOTES:
        return _QUOTES[character]
    folded = unicodedata.normalize("NFKC", character)
    if folded and folded[0] < "\u0590":
        folded = unicodedata.normalize("NFKD", folded)
    folded = "".join(part for part in folded if unicodedata.category(part) not in _HIDDEN_CATEGORIES).lower()
    if folded.isspace():
        return " "
    return "".join(_LOOKALIKES.get(part, _TRADITIONAL.get(part, part)) for part in folded)


class _FoldTable(dict[str, str]):
    """Folds each character once; there are few different ones, so the table stays small."""

    _LIMIT = 20_000

    def __missing__(self, character: str) -> str:
        folded = _fold(character)
        if len(self) < self._LIMIT:
            self[character] = folded
        return folded


_TRADITIONAL = _traditional()
FOLDED: dict[str, str] = _FoldTable()


def is_han(character: str) -> bool:
    """True for the Han characters of everyday text."""
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf"
