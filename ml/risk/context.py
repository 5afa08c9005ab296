"""What the earlier turns add to a message: answers to a direct question, and danger a joke does not take back."""

from __future__ import annotations

from dataclasses import dataclass

from ml.risk.reading import Reading
from ml.types import RiskLevel


@dataclass(frozen=True, slots=True)
class ContextFinding:
    """A level owed because of the conversation, with the name of the rule that says so."""

    level: RiskLevel
    rule: str


_NOTHING = ContextFinding(RiskLevel.NONE, "")


def context_finding(reading: Reading) -> ContextFinding:
    """Strongest thing the conversation says about this message."""
    cues, scene = reading.cues, reading.scene
    is_no = "says.no" in cues
    is_dated = "says.soon" in cues or "says.done" in cues
    asked_suicide = "asked.ask_suicide" in cues
    asked_any = asked_suicide or "asked.ask_safety" in cues
    findings = [_NOTHING]
    if asked_suicide and "says.yes" in cues:
        level = RiskLevel.HIGH if is_dated else RiskLevel.MODERATE
        findings.append(ContextFinding(level, "context.affirmed"))
    if asked_suicide and is_dated and scene >= RiskLevel.MODERATE and not is_no:
        findings.append(ContextFinding(RiskLevel.HIGH, "context.dated_answer"))
    if scene >= RiskLevel.HIGH and "asked.ask_safety" in cues and "says.done" in cues and not is_no:
        findings.append(ContextFinding(RiskLevel.IMMINENT, "context.happening"))
    if "asked.ask_if_safe" in cues and "says.not_safe" in cues:
        # "No", "not really" to "are you safe?": the least clear answer is still one that somebody should see.
        level = RiskLevel.HIGH if scene >= RiskLevel.MODERATE else RiskLevel.MODERATE
        findings.append(ContextFinding(level, "context.not_safe"))
    if scene >= RiskLevel.MODERATE and "says.retraction" in cues:
        findings.append(ContextFinding(RiskLevel.MODERATE, "context.retraction"))
    if scene >= RiskLevel.HIGH:
        findings.append(ContextFinding(RiskLevel.HIGH if asked_any else RiskLevel.MODERATE, "context.open_danger"))
    elif scene == RiskLevel.MODERATE and asked_any and not is_no:
        findings.append(ContextFinding(RiskLevel.MODERATE, "context.open_question"))
    return max(findings, key=lambda finding: finding.level)


# Rules whose words are the danger, or that put intent, means and time together; the others also occur in kitchens.
_PLAIN_RULES = (".explicit.", "composed.")


def bound_level(reading: Reading, context_level: RiskLevel) -> RiskLevel:
    """What the rules settle by themselves, whatever the learned part says.

    What is said in so many words, and what answers a direct question, binds at its own level. Every other rule binds at
    moderate: a person looks. Whether it pages somebody is for the last stage, which knows the rule's level and how
    often such rules were wrong.
    """
    plain = [hit.level for hit in reading.hits if any(mark in hit.rule for mark in _PLAIN_RULES)]
    return max(*plain, context_level, min(reading.rule_level, RiskLevel.MODERATE))
