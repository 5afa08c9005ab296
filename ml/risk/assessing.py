"""One message to one assessment: rules, context and learned head, and the highest of them stands. Holds no state."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ml.encoder import session
from ml.encoder.heads import KINDS
from ml.risk.context import ContextFinding, bound_level, context_finding
from ml.risk.head import HeadError, load_head
from ml.risk.lexicon import LexiconError, load_lexicon
from ml.risk.occlusion import drivers
from ml.risk.reading import Reading, read
from ml.types import ChatTurn, Evidence, Language, RiskAssessment, RiskLevel

VERSION = "risk-4"
logger = logging.getLogger(__name__)

# Below this chance of any need a low level has no theme but everyday distress.
_SURE_OF_KIND = 0.4
# From so many characters on a message says something by itself.
_STANDS_ALONE = {"en": 24, "zh": 8}
# Words of ours that speak of danger.
_GRAVE = re.compile(
    r"suicid|kill(?:ing)? yourself|end(?:ing)? your life|hurt(?:ing)? yourself|want(?:ing)? to die|about dying"
    r"|crisis line|emergency number|自杀|不想活|结束.{0,4}生命|伤害自己|热线|安全吗|想过死|想要死"
)
_BEAR_OUT = frozenset({"says.yes", "says.soon", "says.done", "says.not_safe", "says.retraction"})
# Ends the rule of a finding whose words were not looked for yet.
UNEXPLAINED = ".unexplained"
_EVIDENCE_LIMIT = 12
# What the head alone cannot name: the plainest theme of each level.
_KIND_OF_LEVEL = {
    RiskLevel.NONE: "neutral",
    RiskLevel.LOW: "everyday_distress",
    RiskLevel.MODERATE: "ideation_active",
    RiskLevel.HIGH: "plan",
    RiskLevel.IMMINENT: "attempt_in_progress",
}
_CALM_KINDS = frozenset({"neutral", "idiom", "fiction", "negation", "jailbreak", "everyday_distress"})


def assess(
    text: str, context: Sequence[ChatTurn] = (), language: Language | None = None, *, with_words: bool = True
) -> RiskAssessment:
    """Risk of one message with the turns before it, oldest first. Never raises on any text.

    The highest of what the rules settle and what the last stage finds.
    Where the learned head cannot be loaded the rules still screen, and the level is at least moderate (fail closed).
    Without `with_words` the words that drove the learned part are left for later (`explain`): looking for them takes
    longer than the finding itself.
    """
    reading = read(text, context, language)
    context_rule = context_finding(reading)
    learned = _learned(reading, with_words)
    settled = (
        bound_level(reading, context_rule.level) if learned.is_sound else max(reading.rule_level, context_rule.level)
    )
    level = max(settled, learned.level)
    return RiskAssessment(
        level=level,
        kind=_kind(reading, context_rule, learned, level),
        language=reading.language,
        version=learned.version,
        scores=learned.scores,
        evidence=_evidence(reading, context_rule, learned.evidence, level),
    )


def explain(
    text: str, context: Sequence[ChatTurn], language: Language | None, level: RiskLevel
) -> tuple[Evidence, ...]:
    """The words that drove the learned part to `level`, of a message that was assessed without them. Never raises."""
    reading = read(text, context, language)
    try:
        encoder = session.load()
    except session.EncoderError as error:
        logger.error("a flag stays without its words: %s", error)
        return ()
    if not reading.message.text.strip():
        return ()
    return _drivers(reading, encoder, level, encoder.read(reading.message.text, reading.context)["risk"])


def self_check() -> list[str]:
    """Problems an operator must know at start: weights or lexicon missing, changed or wrong. Empty when all is well."""
    problems: list[str] = [f"encoder: {problem}" for problem in session.self_check()]
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


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the learned part says. `kind` is empty where it was not asked or does not know."""

    level: RiskLevel
    version: str
    scores: dict[str, float] = field(default_factory=dict)
    kind: str = ""
    evidence: tuple[Evidence, ...] = ()
    is_sound: bool = True


def _learned(reading: Reading, with_words: bool) -> _Learned:
    try:
        head, encoder = load_head(reading.language), session.load()
    except (HeadError, session.EncoderError) as error:
        logger.error("risk head not usable, failing closed to moderate: %s", error)
        fault = Evidence("fault", "head.missing", RiskLevel.MODERATE, 0, 0)
        return _Learned(RiskLevel.MODERATE, f"{VERSION}+no-head", evidence=(fault,), is_sound=False)
    version = f"{VERSION}+{head.version}+{encoder.name}"
    if not reading.message.text.strip() or reading.says_nothing:
        return _Learned(RiskLevel.NONE, version)
    outputs = encoder.read(reading.message.text, reading.context)
    scores = head.probabilities(reading, _of_the_person(reading, encoder, outputs["risk"]))
    level = head.level(scores)
    if reading.is_explained and level < RiskLevel.HIGH:
        # A lease that ends tomorrow, a roof with a view: these words have their meaning; a doubt is none.
        level = min(level, RiskLevel.LOW)
    evidence: tuple[Evidence, ...] = ()
    if level >= RiskLevel.MODERATE:
        evidence = _drivers(reading, encoder, level, outputs["risk"]) if with_words else (_unexplained(reading, level),)
    return _Learned(level, version, scores, KINDS[int(outputs["kind"].argmax())], evidence)


def _of_the_person(reading: Reading, encoder: session.Session, found: session.Vector) -> session.Vector:
    """The level logits without what only our own earlier words put in.

    A question about suicide that was asked by mistake must not turn the next sentence into danger. So where our words
    were grave, and nothing in the person's bears them out, the reading without our turns counts if it is lower. Short
    answers need the question and keep it.
    """
    is_borne_out = reading.hits or reading.hint_level or reading.scene or reading.cues & _BEAR_OUT
    ours = any(_GRAVE.search(turn.text.lower()) for turn in reading.context if turn.role != "user")
    if is_borne_out or not ours or len(reading.message.text) < _STANDS_ALONE[reading.language]:
        return found
    own = tuple(turn for turn in reading.context if turn.role == "user")
    return np.minimum(found, encoder.read(reading.message.text, own)["risk"])


def _unexplained(reading: Reading, level: RiskLevel) -> Evidence:
    return Evidence("classifier", f"head.{level.label}{UNEXPLAINED}", level, 0, len(reading.message.original))


def _drivers(
    reading: Reading, encoder: session.Session, level: RiskLevel, whole_scores: session.Vector
) -> tuple[Evidence, ...]:
    """The stretches that drove the head, as spans of the message as it was written."""
    found = drivers(reading, encoder, level, whole_scores)
    spans = [reading.message.original_span(driver.start, driver.end) for driver in found]
    return tuple(Evidence("classifier", f"head.{level.label}", level, *span) for span in spans)


def _kind(reading: Reading, context_rule: ContextFinding, learned: _Learned, level: RiskLevel) -> str:
    """The theme of whatever gave the level: a rule knows its own, the encoder reads it, the scene before stands in."""
    if reading.hits and reading.hits[0].level >= max(context_rule.level, learned.level):
        return reading.hits[0].kind
    if context_rule.level > learned.level and reading.scene_kind != "neutral":
        return reading.scene_kind
    if level == RiskLevel.LOW and learned.scores.get("support", 1.0) < _SURE_OF_KIND:
        # Hardly more than nothing: not enough to name a theme that asks for a direct question.
        return reading.hits[0].kind if reading.hits else _KIND_OF_LEVEL[level]
    if level == RiskLevel.NONE or not learned.kind:
        return reading.hits[0].kind if reading.hits else _KIND_OF_LEVEL[level]
    # A theme that is no danger by itself says nothing to whoever is alarmed.
    return learned.kind if learned.kind not in _CALM_KINDS or level < RiskLevel.MODERATE else _KIND_OF_LEVEL[level]


def _evidence(
    reading: Reading, context_rule: ContextFinding, head: Sequence[Evidence], level: RiskLevel
) -> tuple[Evidence, ...]:
    """What speaks for the level, strongest first; a rule that did not carry its own level shows the one that stands."""
    found = list(head)
    if context_rule.level > RiskLevel.NONE:
        whole = len(reading.message.original)
        found.append(Evidence("rule", context_rule.rule, min(context_rule.level, level), 0, whole))
    for hit in reading.hits[:_EVIDENCE_LIMIT]:
        span = reading.message.original_span(hit.start, hit.end)
        found.append(Evidence("rule", hit.rule, min(hit.level, level), *span))
    return tuple(sorted(found, key=lambda evidence: -evidence.level))
