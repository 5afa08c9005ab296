"""One message to one assessment: rules, context and learned head, and the highest of them stands. Holds no state."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ml.risk.context import ContextFinding, context_finding
from ml.risk.head import HeadError, load_head
from ml.risk.lexicon import LexiconError, load_lexicon
from ml.risk.reading import Reading, read
from ml.types import ChatTurn, Evidence, Language, RiskAssessment, RiskLevel

VERSION = "risk-2"
logger = logging.getLogger(__name__)

_EVIDENCE_LIMIT = 12
# What the head alone cannot name: the plainest theme of each level.
_KIND_OF_LEVEL = {
    RiskLevel.NONE: "neutral",
    RiskLevel.LOW: "everyday_distress",
    RiskLevel.MODERATE: "ideation_active",
    RiskLevel.HIGH: "plan",
    RiskLevel.IMMINENT: "attempt_in_progress",
}


def assess(text: str, context: Sequence[ChatTurn] = (), language: Language | None = None) -> RiskAssessment:
    """Risk of one message with the turns before it, oldest first. Never raises on any text.

    Where the learned head cannot be loaded the rules still screen, and the level is at least moderate (fail closed).
    """
    reading = read(text, context, language)
    context_rule = context_finding(reading)
    scores, head_level, evidence, version = _ask_head(reading)
    level = max(reading.rule_level, context_rule.level, head_level)
    return RiskAssessment(
        level=level,
        kind=_kind(reading, context_rule, level),
        language=reading.language,
        version=version,
        scores=scores,
        evidence=_evidence(reading, context_rule, evidence),
    )


def self_check() -> list[str]:
    """Problems an operator must know at start: weights or lexicon missing, changed or wrong. Empty when all is well."""
    problems: list[str] = []
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        try:
            load_lexicon(language)
        except LexiconError as error:
            problems.append(f"risk lexicon {language}: {error}")
        try:
            load_head(language)
        except HeadError as error:
            problems.append(f"risk head {language}: {error}")
    return problems


def _ask_head(reading: Reading) -> tuple[dict[str, float], RiskLevel, list[Evidence], str]:
    try:
        head = load_head(reading.language)
    except HeadError as error:
        logger.error("risk head not usable, failing closed to moderate: %s", error)
        fault = Evidence("fault", "head.missing", RiskLevel.MODERATE, 0, 0)
        return {}, RiskLevel.MODERATE, [fault], f"{VERSION}+no-head"
    if not reading.message.text.strip() or reading.is_small_talk:
        return {}, RiskLevel.NONE, [], f"{VERSION}+{head.version}"
    scores = head.probabilities(reading)
    level = head.level(scores)
    if reading.is_explained:
        # A lease that ends tomorrow, a roof with a view: the head knows words only, and these have their meaning.
        level = min(level, RiskLevel.LOW)
    evidence: list[Evidence] = []
    if level >= RiskLevel.MODERATE:
        start, end = head.driving_span(reading.message.text, level)
        span = reading.message.original_span(start, end)
        evidence.append(Evidence("classifier", f"head.{level.label}", level, *span))
    return scores, level, evidence, f"{VERSION}+{head.version}"


def _kind(reading: Reading, context_rule: ContextFinding, level: RiskLevel) -> str:
    if reading.hits and reading.hits[0].level >= context_rule.level:
        return reading.hits[0].kind
    if context_rule.level > RiskLevel.NONE and reading.scene_kind != "neutral":
        return reading.scene_kind
    return _KIND_OF_LEVEL[level]


def _evidence(reading: Reading, context_rule: ContextFinding, head: list[Evidence]) -> tuple[Evidence, ...]:
    found = list(head)
    if context_rule.level > RiskLevel.NONE:
        found.append(Evidence("rule", context_rule.rule, context_rule.level, 0, len(reading.message.original)))
    for hit in reading.hits[:_EVIDENCE_LIMIT]:
        span = reading.message.original_span(hit.start, hit.end)
        found.append(Evidence("rule", hit.rule, hit.level, *span))
    return tuple(sorted(found, key=lambda evidence: -evidence.level))
