"""Loads the lexicon: rules, masks, scopes and cues as readable TOML, one folder a language. Data, not judgement."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ml.risk.literals import Index, heads_of, may_match, required_literals
from ml.types import Language, RiskLevel

FOLDER = Path(__file__).resolve().parent / "lexicon"
SCOPES = frozenset({"negation", "reported", "past", "fiction", "humour", "theme"})
# Parts of a statement (ml/risk/composition.py) and the readings that take each back; the others stand as they are.
_OF_A_WISH = frozenset({"negation", "reported", "past", "fiction", "humour", "theme"})
_OF_A_STEP = frozenset({"negation", "reported", "past", "fiction", "theme"})
_CLASS_SCOPES = {
    **dict.fromkeys(("desire", "despair", "method", "ending"), _OF_A_WISH),
    **dict.fromkeys(("ready", "here", "when", "goodbye", "plan", "decided", "edge"), _OF_A_STEP),
}
_MACRO = re.compile(r"<([a-z_]+)>")


class LexiconError(Exception):
    """A lexicon file cannot be used; the text names the file and the entry."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A compiled pattern that is only tried on texts that can match it. Each is its own, to be held in sets."""

    compiled: re.Pattern[str]
    literals: tuple[str, ...]
    heads: frozenset[str]

    def may_match(self, text: str) -> bool:
        """False only where it cannot match."""
        return may_match(self.literals, text, self.heads)

    def search(self, text: str) -> re.Match[str] | None:
        """First match, as `re.Pattern.search`."""
        return self.compiled.search(text) if self.may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches, as `re.Pattern.finditer`."""
        return self.compiled.finditer(text) if self.may_match(text) else iter(())


@dataclass(frozen=True, slots=True)
class Rule:
    """One way danger is said. `patterns` raise the level by themselves unless a scope takes the hit back;
    `hints` are too broad for that and only reach the learned head."""

    id: str
    level: RiskLevel
    kind: str
    patterns: tuple[Pattern, ...]
    scopes: frozenset[str]
    hints: tuple[Pattern, ...] = ()
    needs: Pattern | None = None
    unless: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All of one language. `cues` are named patterns used by scopes and context; `classes` are parts of a statement."""

    language: Language
    rules: tuple[Rule, ...]
    masks: tuple[Pattern, ...]
    cues: dict[str, Pattern] = field(default_factory=dict)
    classes: dict[str, Rule] = field(default_factory=dict)
    # Masks, and the patterns and hints of rules and classes, by what they need.
    index: Index[Pattern] = field(default_factory=lambda: Index(()))

    def says(self, cue: str, text: str) -> bool:
        """True where the named cue stands in the text."""
        return self.cues[cue].search(text) is not None


@cache
def load_lexicon(language: Language) -> Lexicon:
    """Read and compile one language once.

    Raises:
        LexiconError: a file is missing or an entry is wrong.
    """
    folder = FOLDER / language
    macros = _read(folder / "macros.toml")["macros"]
    rules: list[Rule] = []
    for path in sorted(folder.glob("rules_*.toml")):
        rules += [_rule(entry, language, path, macros) for entry in _read(path)["rule"]]
    masks = tuple(_compile(pattern, macros, "mask") for pattern in _read(folder / "masks.toml")["masks"])
    cues = {name: _alternatives(patterns, macros, name) for name, patterns in _read(folder / "cues.toml").items()}
    classes = {name: _class(name, patterns, macros) for name, patterns in _read(folder / "classes.toml").items()}
    if not rules or not masks:
        raise LexiconError(f"{folder}: no rules")
    searched = [*masks, *(one for rule in (*rules, *classes.values()) for one in (*rule.hints, *rule.patterns))]
    index = Index((pattern, pattern.heads) for pattern in searched)
    return Lexicon(language, tuple(rules), masks, cues, classes, index)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"{path.name}: {error}") from error


def _rule(entry: dict[str, Any], language: Language, path: Path, macros: dict[str, str]) -> Rule:
    try:
        name = f"{language}.{entry['id']}"
        scopes = frozenset(entry.get("scopes", SCOPES))
        if not scopes <= SCOPES:
            raise LexiconError(f"{path.name}: {name}: unknown scope")
        return Rule(
            id=name,
            level=RiskLevel[entry["level"].upper()],
            kind=entry["kind"],
            patterns=tuple(_compile(pattern, macros, name) for pattern in entry["any"]),
            scopes=scopes,
            hints=tuple(_compile(pattern, macros, name) for pattern in entry.get("hints", ())),
            needs=_optional(entry.get("needs"), macros, name),
            unless=_optional(entry.get("unless"), macros, name),
        )
    except KeyError as error:
        raise LexiconError(f"{path.name}: {entry.get('id', '?')}: {error}") from error


def _class(name: str, patterns: list[str], macros: dict[str, str]) -> Rule:
    compiled = tuple(_compile(pattern, macros, name) for pattern in patterns)
    return Rule(f"class.{name}", RiskLevel.MODERATE, "plan", compiled, _CLASS_SCOPES.get(name, frozenset()))


def _optional(patterns: list[str] | None, macros: dict[str, str], name: str) -> Pattern | None:
    return _alternatives(patterns, macros, name) if patterns else None


def _alternatives(patterns: list[str], macros: dict[str, str], name: str) -> Pattern:
    return _compile("|".join(f"(?:{pattern})" for pattern in patterns), macros, name)


def _compile(pattern: str, macros: dict[str, str], name: str) -> Pattern:
    expanded = pattern
    for _ in range(4):
        expanded = _MACRO.sub(lambda match: f"(?:{macros[match[1]]})", expanded)
    try:
        literals = required_literals(expanded)
        return Pattern(re.compile(expanded), literals, heads_of(literals))
    except re.error as error:
        raise LexiconError(f"{name}: {error}: {pattern}") from error
