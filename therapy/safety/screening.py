"""Screening of one message in its context: the risk rules and heads, timed, failing closed. Stores nothing.

Runs in the web process before anything else happens to a message; needs no queue, no GPU and no database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from prometheus_client import Counter, Histogram

from ml import risk
from ml.types import ChatTurn, Evidence, Language, RiskAssessment, RiskLevel

logger = logging.getLogger(__name__)

FAULT_VERSION = "fault"
SECONDS = Histogram(
    "attune_screening_seconds",
    "Time to screen one message",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3),
)
SCREENED = Counter("attune_screened_total", "Messages screened", ["level", "language"])
FAULTS = Counter("attune_screening_faults_total", "Screenings that failed and were treated as moderate")


def screen(text: str, context: Sequence[ChatTurn], language: Language) -> RiskAssessment:
    """Assess one message. `context` is the conversation before it, oldest first.

    Any fault is treated as moderate (CR-02, SE-12): help is shown and a person looks, whatever broke.
    """
    started = time.perf_counter()
    try:
        assessment = risk.assess(text, context, language)
    except Exception as error:  # noqa: BLE001 - a named place: no fault of a model may let a message through unseen
        # The type alone: the text of an error may quote the message.
        logger.error("screening failed (%s): treated as moderate", type(error).__name__)
        FAULTS.inc()
        assessment = _assessment_of_fault(language)
    SECONDS.observe(time.perf_counter() - started)
    SCREENED.labels(assessment.level.label, assessment.language).inc()
    return assessment


def _assessment_of_fault(language: Language) -> RiskAssessment:
    evidence = Evidence(source="fault", rule="screening_fault", level=RiskLevel.MODERATE, start=0, end=0)
    return RiskAssessment(
        level=RiskLevel.MODERATE, kind="neutral", language=language, version=FAULT_VERSION, evidence=(evidence,)
    )
