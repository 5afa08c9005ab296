"""Rewrites of words: leetspeak, masked and spaced-out letters, homophones, Cantonese, emoji meaning. Order matters."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping

from ml.text.characters import DATA

Replacer = Callable[[re.Match[str]], str]
Rewrite = tuple[re.Pattern[str], Replacer]

_LEET = str.maketrans("013457@$!|", "oieastasii")
# A word that mixes letters with digits or marks between them: su1c1de, k!ll, d1e. At least one letter each side.
_LEET_WORD = re.compile(
    r"(?<![\w@$!|])(?=[\w@$!|]*[a-z])[a-z0-9@$!|]*(?:[a-z][013457@$!|]+[a-z]|[15][a-z]{4,})[a-z0-9@$!|]*(?![\w])"
)
_LEET_TARGETS = re.compile(
    r"(?:kill|suicid|die|dead|death|harm|cut|hang|overdos|unaliv|self|pill|blade|murder|rape|hate|life|hurt)"
)
_SPACED_LATIN = re.compile(r"(?<![a-z0-9'])[a-z](?:[ .\-_*|/·,]{1,2}[a-z]){2,}(?![a-z0-9'])")
_SPACED_HAN = re.compile(
    r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff](?:[ .\-_*|/·,]{1,2}[\u4e00-\u9fff]){1,}(?![\u4e00-\u9fff])"
)
_JOIN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[*_|/·~^\-.]{1,2}(?=[\u4e00-\u9fff])")
_MASKED: tuple[tuple[str, str], ...] = (
    (r"\bs[*#.x_-]{1,2}[iu]?c[i*#!]d", "suicid"),
    (r"\bsu[*#.!_-]{1,2}c?[i*#!]?d", "suicid"),
    (r"\bk[*#_-]{1,2}ll", "kill"),
    (r"\bki[*#_-]{2}", "kill"),
    (r"\bd[*#_-]{1,2}e\b", "die"),
    (r"\br[*#_-]pe", "rape"),
    (r"自[\W_]{1,2}杀", "自杀"),
    (r"自[\W_]{1,2}残", "自残"),
    (r"想[\W_]{1,2}死", "想死"),
    (r"跳[\W_]{1,2}楼", "跳楼"),
    (r"割[\W_]{1,2}腕", "割腕"),
)
_CANTONESE_MARKS = re.compile(r"[唔嘅冇咗佢喺嚟諗瞓啲嘢哋攰噉]")
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)
_DOUBLE_LETTERS = frozenset("lso")


def _load() -> dict[str, dict[str, str | list[str]]]:
    with (DATA / "rewrites.toml").open("rb") as file:
        return tomllib.load(file)


def _any_of(words: Mapping[str, object], before: str = "", after: str = "") -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(before + "(?:" + "|".join(map(re.escape, longest_first)) + ")" + after)


def _by_table(table: Mapping[str, str]) -> Replacer:
    return lambda match: table[match[0]]


def _constant(value: str) -> Replacer:
    return lambda _match: value


def _shorten_run(match: re.Match[str]) -> str:
    """`dieeee` → `die`, `killll` → `kill`, `!!!!!` → `!!`: floods cost nothing and still read the same."""
    character = match[1]
    if "a" <= character <= "z":
        return character * (2 if character in _DOUBLE_LETTERS else 1)
    return character if character.isdigit() else character * 2


def _plain_leet(match: re.Match[str]) -> str:
    plain = match[0].translate(_LEET)
    for candidate in (plain, match[0].replace("1", "l").translate(_LEET)):
        if _LEET_TARGETS.search(candidate):
            return candidate
    return match[0]


def _join_letters(match: re.Match[str]) -> str:
    return re.sub(r"[^a-z\u4e00-\u9fff]+", "", match[0])


_TABLES = _load()
_EMOJI = _any_of(_TABLES["emoji"])
_CANTONESE = _any_of(_TABLES["cantonese"])
_LATIN = _any_of(_TABLES["latin"], r"(?<![a-z0-9'])", r"(?![a-z0-9'])")
_HAN = _any_of(_TABLES["han"])


def _words(name: str) -> dict[str, str]:
    return {key: value for key, value in _TABLES[name].items() if isinstance(value, str)}


def _emoji_words(place: int) -> dict[str, str]:
    return {key: f" {value[place]} " for key, value in _TABLES["emoji"].items()}


_COMMON: tuple[Rewrite, ...] = (
    (_RUN, _shorten_run),
    (_LEET_WORD, _plain_leet),
    (_SPACED_LATIN, _join_letters),
    *((re.compile(pattern), _constant(value)) for pattern, value in _MASKED),
    *((re.compile(pattern), _constant(value)) for pattern, value in _words("patterns").items()),
    (_LATIN, _by_table(_words("latin"))),
)
_HAN_ONLY: tuple[Rewrite, ...] = (
    (_SPACED_HAN, _join_letters),
    (_JOIN_HAN, _constant("")),
    (_HAN, _by_table(_words("han"))),
)
_EMOJI_EN: Rewrite = (_EMOJI, _by_table(_emoji_words(0)))
_EMOJI_ZH: Rewrite = (_EMOJI, _by_table(_emoji_words(1)))
_CANTONESE_ONLY: Rewrite = (_CANTONESE, _by_table(_words("cantonese")))


def rewrites_for(folded: str, has_han: bool) -> list[Rewrite]:
    """The rewrites that can matter for this folded text, in order."""
    chosen = [_EMOJI_ZH if has_han else _EMOJI_EN]
    if has_han and _CANTONESE_MARKS.search(folded):
        chosen.append(_CANTONESE_ONLY)
    chosen.extend(_COMMON)
    if has_han:
        chosen.extend(_HAN_ONLY)
    return chosen
