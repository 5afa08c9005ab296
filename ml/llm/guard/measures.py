"""Objections that are counted rather than matched: numbers and links not from the table, language, length, noise."""

from __future__ import annotations

import re

from ml.types import Language, RiskLevel

# Three digits and more, however they are grouped; counted exercises such as 5-4-3-2-1 are not numbers to call.
NUMBER = re.compile(r"(?<![\d.,])\+?\d(?:[\s\-().·–]?\d){2,}(?![\d%])")
COUNTDOWN = re.compile(r"\b\d(?:\s?[-–、,]\s?\d\b)+")
AMOUNT = re.compile(
    r"\s?(?:%|percent|minutes?|seconds?|words?|people|times|days|steps|分钟|秒|个|人|次|天|字|步|分|年|元|块)"
)
YEAR = re.compile(r"(?:19|20)\d\d")
LINK = re.compile(
    r"https?:|www\.|\bmailto:|\bjavascript:|\bdata:\w+/|!?\[[^\]\n]*\]\s?\(|<\s*/?\s*[a-z!][^>\n]{0,200}>|&#?\w{2,8};"
    r"|\b[\w-]+\.(?:com|org|net|io|ai|cn|uk|co|info|gov|edu|app|hk|tw|ie|au|nz|ca|in|sg)\b(?:/\S*)?|\S+@\S+\.\S+",
    re.IGNORECASE,
)
CJK = re.compile(r"[㐀-鿿]")
LETTER = re.compile(r"[A-Za-z㐀-鿿\u0400-\u04ff\u3040-\u30ff\uac00-\ud7af\u0600-\u06ff\u0900-\u097f]")
# Letters that only traditional script uses, the commonest: a reply in Simplified Chinese has none of them.
TRADITIONAL = re.compile(r"[這個們說時來對為會還過開關聽寫讓請問難覺經驗樣邊]")
MIN_LETTERS = 6
# What a broken model leaves behind: halves of characters, marks of its prompt, the same words over and over.
REMAINS = re.compile(
    r"\ufffd|<\|\w|\|>|\[/?INST\]|<</?SYS>>|^\s*(?:assistant|user|system)\s*:", re.IGNORECASE | re.MULTILINE
)
STUCK = re.compile(
    r"\b([a-z']+)(?:[\s,.!?]+\1\b){3,}|([^\s]{3}.{0,37}?)(?:[\s,.!?，。！？、]*\2){2,}|([㐀-鿿])\3{4,}", re.IGNORECASE
)
# Words (en) and characters (zh): ordinary, and at moderate risk and above (behaviours.json WALL and BRIEF).
LONGEST: dict[Language, tuple[int, int]] = {"en": (200, 120), "zh": (360, 200)}


def has_foreign_number(text: str, allowed: frozenset[str]) -> bool:
    """True if a telephone-like number stands in the text that is not among the allowed ones."""
    known = {re.sub(r"\D", "", run) for item in allowed for run in NUMBER.findall(item) or [item]}
    for match in NUMBER.finditer(COUNTDOWN.sub(" ", without(text, allowed))):
        digits = re.sub(r"\D", "", match.group())
        if digits not in known and not _is_amount(match, digits):
            return True
    return False


def _is_amount(match: re.Match[str], digits: str) -> bool:
    """Years, round hundreds and counted things are no telephone numbers."""
    is_round = len(digits) <= 4 and digits.endswith("00")
    is_counted = len(digits) <= 4 and AMOUNT.match(match.string, match.end()) is not None
    return is_round or is_counted or YEAR.fullmatch(match.group()) is not None


def has_link(text: str, allowed: frozenset[str]) -> bool:
    """True if the text holds a link, an address, an image or markup."""
    return LINK.search(without(text, allowed)) is not None


def is_noise(text: str) -> bool:
    """True if the text shows that the model that wrote it is broken, or stuck. Sense it cannot judge."""
    return REMAINS.search(text) is not None or STUCK.search(text) is not None


def is_other_language(text: str, language: Language) -> bool:
    """True if the text is not in the person's language and script."""
    letters = LETTER.findall(text)
    if len(letters) < MIN_LETTERS:
        return False
    share: float = sum(bool(CJK.match(letter)) for letter in letters) / len(letters)
    if language == "zh":
        return share < 0.4 or len(TRADITIONAL.findall(text)) >= 2
    latin: float = sum(letter.isascii() for letter in letters) / len(letters)
    return latin < 0.8


def is_too_long(text: str, language: Language, risk: RiskLevel) -> bool:
    """True if the reply is longer than one at this level may be."""
    size = len(text.split()) if language == "en" else len(re.sub(r"\s", "", text))
    return size > LONGEST[language][risk >= RiskLevel.MODERATE]


def without(text: str, allowed: frozenset[str]) -> str:
    """The text with what the hotline table gave cut out, the longest first."""
    for item in sorted((item for item in allowed if item), key=len, reverse=True):
        text = re.sub(re.escape(item), " ", text, flags=re.IGNORECASE)
    return text
