"""Finds what the lexicon says of one message, scopes applied. Knows nothing of other turns or of the learned head."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ml.risk.lexicon import Lexicon, Pattern, Rule, load_lexicon
from ml.risk.literals import Scanned
from ml.risk.scopes import Message, read_message, scoped_level
from ml.text import Normalised
from ml.types import Language, RiskLevel

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[a-z]{2}")
_HITS_PER_PATTERN = 8
# Above this length a message is read in windows, so that no pattern sees more than it was written for.
_WINDOW = 6_000
_OVERLAP = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """One rule that fired, offsets into the normalised text. `hint`: level of a pattern too broad to raise it."""

    rule: str
    level: RiskLevel
    kind: str
    start: int
    end: int
    hint: RiskLevel = RiskLevel.NONE


def languages_in(text: str) -> list[Language]:
    """Lexicons worth asking: people mix both in one message."""
    found: list[Language] = []
    if _LATIN.search(text):
        found.append("en")
    if _HAN.search(text):
        found.append("zh")
    return found


def find_hits(normalised: Normalised) -> list[Hit]:
    """Every hit that its scopes leave standing, strongest first; hints come last, with level NONE."""
    hits: list[Hit] = []
    for offset, text in _windows(normalised.text):
        for language in languages_in(text):
            hits += _hits_in(text, offset, load_lexicon(language))
    return sorted(hits, key=lambda hit: (-hit.level, hit.start, hit.end))


def _windows(text: str) -> list[tuple[int, str]]:
    if len(text) <= _WINDOW:
        return [(0, text)]
    return [(place, text[place : place + _WINDOW]) for place in range(0, len(text), _WINDOW - _OVERLAP)]


def _hits_in(text: str, offset: int, lexicon: Lexicon) -> list[Hit]:
    message = read_message(blank_sayings(text, lexicon), lexicon)
    likely = lexicon.index.likely(message.text)
    hits: list[Hit] = []
    for rule in lexicon.rules:
        if not likely.isdisjoint(rule.hints) or not likely.isdisjoint(rule.patterns):
            hits += _hits_of(rule, message, offset, likely)
    return hits


def blank_sayings(text: str, lexicon: Lexicon) -> str:
    """The text with idioms overwritten by `~`, so that no rule can start from their words; length is kept."""
    whole = Scanned(text)
    if lexicon.language not in whole.blanked:
        blanked = whole
        likely = lexicon.index.likely(whole)
        for mask in lexicon.masks:
            if mask in likely and mask.may_match(blanked):
                blanked = Scanned(mask.compiled.sub(lambda match: "~" * len(match[0]), blanked))
        whole.blanked[lexicon.language] = None if blanked == whole else blanked
    return whole.blanked[lexicon.language] or whole


def _hits_of(rule: Rule, message: Message, offset: int, likely: frozenset[Pattern]) -> list[Hit]:
    hits: list[Hit] = []
    for pattern in rule.hints:
        if pattern in likely and (match := pattern.search(message.text)):
            span = match.start() + offset, match.end() + offset
            hits.append(Hit(rule.id, RiskLevel.NONE, rule.kind, *span, hint=rule.level))
            break
    for pattern in rule.patterns:
        if pattern not in likely:
            continue
        for count, match in enumerate(pattern.finditer(message.text)):
            if count >= _HITS_PER_PATTERN:
                break
            level = scoped_level(rule, match.start(), match.end(), message)
            if level > RiskLevel.NONE:
                hits.append(Hit(rule.id, level, rule.kind, match.start() + offset, match.end() + offset))
    # Asked last, for most rules have found nothing.
    if hits and (
        rule.unless and rule.unless.search(message.text) or rule.needs and not rule.needs.search(message.text)
    ):
        return []
    return hits
