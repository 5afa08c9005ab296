"""Screening of one message in its context: the risk rules and heads, timed, failing closed. Stores nothing.

Runs in the web process before anything else happens to a message; needs no queue, no GPU and no database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ml import risk
from ml.types import ChatTurn, Evidence, Language, RiskAssessment, RiskLevel
from therapy.core.metrics import SCREENING_FAULTS, SCREENING_SECONDS
from therapy.safety import aspects

logger = logging.getLogger(__name__)

FAULT_VERSION = "fault"
JsonDict = dict[str, Any]


def screen(text: str, context: Sequence[ChatTurn], language: Language) -> RiskAssessment:
    """Assess one message. `context` is the conversation before it, oldest first.

    Any fault is treated as moderate (CR-02, SE-12): help is shown and a person looks, whatever broke.
    """
    started = time.perf_counter()
    try:
        assessment = aspects.add(text, context, risk.assess(text, context, language, with_words=False))
    except Exception as error:  # noqa: BLE001 - a named place: no fault of a model may let a message through unseen
        # The type alone: the text of an error may quote the message.
        logger.error("screening failed (%s): treated as moderate", type(error).__name__)
        SCREENING_FAULTS.inc()
        assessment = _assessment_of_fault(language)
    SCREENING_SECONDS.observe(time.perf_counter() - started)
    return assessment


def explain(text: str, context: Sequence[ChatTurn], language: Language, found: Sequence[JsonDict]) -> list[JsonDict]:
    """The evidence of a flag with the words that drove the learned part, where nobody looked for them yet.

    Done when somebody reads, not when the person writes: it takes several times as long as the finding. `found` is
    the stored evidence, and comes back as it is where there is nothing to explain.
    """
    open_findings = [item for item in found if str(item["rule"]).endswith(risk.UNEXPLAINED)]
    if not open_findings:
        return list(found)
    level = RiskLevel(max(int(item["level"]) for item in open_findings))
    words = risk.explain(text, context, language, level)
    if not words:
        return list(found)
    others = [item for item in found if item not in open_findings]
    return [*(asdict(item) | {"level": int(item.level)} for item in words), *others]


def _assessment_of_fault(language: Language) -> RiskAssessment:
    evidence = Evidence(source="fault", rule="screening_fault", level=RiskLevel.MODERATE, start=0, end=0)
    return RiskAssessment(
        level=RiskLevel.MODERATE, kind="neutral", language=language, version=FAULT_VERSION, evidence=(evidence,)
    )
