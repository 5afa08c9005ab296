"""Weighs the parts of a statement together: desire, means, readiness, time, farewell, place. Over one message and the
three turns of the person before it. Deterministic; nothing learned has a say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml.risk.lexicon import Rule, load_lexicon
from ml.risk.rules import Hit, blank_sayings, languages_in
from ml.risk.scopes import Message, read_message, scoped_level
from ml.types import RiskLevel

TURNS = 3
_READ = 2_000
_DESIRE_KINDS = frozenset({"ideation_active", "ideation_passive"})
_DESIRE_RULES = ("explicit.intent", "plan.decided")
_WISH = frozenset({"desire", "method"})
_STEPS = frozenset({"ready", "plan", "when", "goodbye", "edge"})
_LASTING = _WISH | _STEPS | {"despair", "means"}
_SAID_PLAINLY = _WISH | {"despair", "goodbye", "plan", "decided"}
_MATCHES = 4
_CLOSE = 60


@dataclass(frozen=True, slots=True)
class Parts:
    """Classes that stand in one message, and the span they cover together.

    `is_explained`: the words that would alarm belong to something named and harmless, and nothing else is said.
    """

    names: frozenset[str] = frozenset()
    start: int = 0
    end: int = 0
    is_explained: bool = False


def parts_of(text: str, hits: Sequence[Hit]) -> Parts:
    """Classes of one normalised message. `hits` are its rule hits: ideation found there is a desire too."""
    found: dict[str, tuple[int, int]] = {}
    for hit in hits:
        if hit.level >= RiskLevel.MODERATE and (hit.kind in _DESIRE_KINDS or hit.rule.endswith(_DESIRE_RULES)):
            found.setdefault("desire", (hit.start, hit.end))
    is_set = False
    offset = max(0, len(text) - _READ)
    cut = text[offset:] if offset else text
    for language in languages_in(cut):
        lexicon = load_lexicon(language)
        message = read_message(blank_sayings(cut, lexicon), lexicon)
        is_set = is_set or lexicon.says("setting", message.text)
        likely = lexicon.index.likely(message.text)
        for name, rule in lexicon.classes.items():
            span = None if likely.isdisjoint(rule.patterns) else _first(rule, message)
            if span:
                found.setdefault(name, (span[0] + offset, span[1] + offset))
    is_explained = _explains(set(found), is_set) and not any(hit.level for hit in hits)
    _take_back(found)
    spans = [span for name, span in found.items() if name in _LASTING | {"ending", "near"}]
    if not spans:
        return Parts(frozenset(found), is_explained=is_explained)
    return Parts(frozenset(found), min(start for start, _ in spans), max(end for _, end in spans), is_explained)


def _explains(names: set[str], is_set: bool) -> bool:
    if names & _SAID_PLAINLY:
        return False
    if {"ending", "ordinary"} <= names or {"edge", "harmless_edge"} <= names:
        return True
    return (is_set or "household" in names) and bool(names & {"ready", "here", "means"})


def _take_back(found: dict[str, tuple[int, int]]) -> None:
    """Drop the classes that another one explains away."""
    for sign, taken in (("ordinary", ("ending", "when")), ("harmless_edge", ("edge",)), ("safe", ("ready", "here"))):
        for name in taken if sign in found else ():
            found.pop(name, None)
    if "method" in found:
        # In a long message the act and the hour may belong to different stories.
        far = [name for name in ("tonight", "near") if name in found and _gap(found[name], found["method"]) > _CLOSE]
        for name in far if "desire" not in found else ():
            found.pop(name)


def composed_hits(now: Parts, before: Sequence[Parts], *, is_asked: bool, is_harmless: bool) -> list[Hit]:
    """At most one hit: what the parts mean together.

    `is_asked`: the turn before asked about suicide, safety or a plan. `is_harmless`: the earlier turns name a harmless
    scene; they are then left out, while the message itself is weighed as ever.
    """
    across = RiskLevel.NONE if is_harmless else _level_across(now.names, before, is_asked)
    level = max(_level(now.names), across)
    if is_harmless and now.names & {"edge", "ending"} and not now.names & _WISH:
        level = RiskLevel.NONE
    if level == RiskLevel.NONE:
        return []
    return [Hit(f"composed.{level.label}", level, "plan", now.start, max(now.end, now.start + 1))]


def _level(names: frozenset[str]) -> RiskLevel:
    """Level of parts that belong together."""
    wants = bool(names & _WISH)
    if "edge" in names:
        return RiskLevel.IMMINENT
    if wants and "ready" in names and "near" in names:
        return RiskLevel.IMMINENT
    if "method" in names and "tonight" in names:
        return RiskLevel.IMMINENT
    if wants and names & _STEPS or "method" in names and "near" in names:
        return RiskLevel.HIGH
    if "despair" in names and names & {"ready", "goodbye"}:
        return RiskLevel.HIGH
    if "ending" in names:
        return RiskLevel.HIGH if names & {"decided", "goodbye", "ready", "plan", "despair"} else RiskLevel.MODERATE
    return RiskLevel.MODERATE if "method" in names else RiskLevel.NONE


def _level_across(names: frozenset[str], before: Sequence[Parts], is_asked: bool) -> RiskLevel:
    """Level where this message adds a part to a wish, or a wish to the parts, of the turns before."""
    earlier = frozenset(name for part in before for name in part.names & _LASTING)
    if "safe" in names:
        earlier -= {"ready", "means", "edge"}
    said = set(names)
    if "here" in said and (is_asked or "means" in earlier):
        said.add("ready")
    if "near" in said and is_asked and "ordinary" not in said:
        said.add("when")
    if not earlier or not said & (_WISH | _STEPS | {"despair"}):
        return RiskLevel.NONE
    # The place somebody stood at some turns ago is for the state of the person, not for this message.
    return _level(frozenset(said) | (earlier - {"edge"}))


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Characters between two spans; 0 or less where they touch."""
    return max(one[0], other[0]) - min(one[1], other[1])


def _first(rule: Rule, message: Message) -> tuple[int, int] | None:
    for pattern in rule.patterns:
        for count, match in enumerate(pattern.finditer(message.text)):
            if count >= _MATCHES:
                break
            if not rule.scopes or scoped_level(rule, match.start(), match.end(), message) > RiskLevel.NONE:
                return match.span()
    return None
