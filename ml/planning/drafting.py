"""Drafts a personal plan: needs, cautions, a person first where one is owed, then three to five small steps.

Source of the rules on high risk and thin choice: the constraints of `ml/data/library/graph.json` and its data card.
"""

from __future__ import annotations

from ml.planning.because import because, because_gentle, because_of_person, because_waiting
from ml.planning.inputs import PERSON, PlanDraft, PlanInputs, PlanStep
from ml.planning.needs import Need, needs_of
from ml.planning.ranking import candidates, choose, is_allowed
from ml.planning.records import Library, Technique
from ml.planning.words import cautions_in, problems
from ml.types import Language, RiskLevel

HIGH_RISK = "high_suicide_risk"
FEWEST, MOST, GENTLE_MINUTES = 3, 5, 10
_PERSON_TITLE = {"en": "Talk to a person first", "zh": "先和一个人聊聊"}
_PERSON_LINES = {
    "en": (
        "You do not have to carry this alone. A person comes before any exercise.",
        "Think of one person you trust: a friend, a relative, a doctor, a counsellor.",
        'Tell them one true sentence, for example: "Things are hard right now. Can we talk today?"',
        "If nobody comes to mind, or it cannot wait, open Get help now at the top of this page.",
    ),
    "zh": (
        "你不用一个人扛着。先有人陪，再谈练习。",
        "想一个你信得过的人：朋友、家人、医生或咨询师。",
        "对TA说一句真话，比如：“我最近很难，今天能聊聊吗？”",
        "想不到合适的人，或者等不了，请点页面上方的“立即求助”。",
    ),
}


def draft(inputs: PlanInputs, library: Library) -> PlanDraft:
    """The plan for these inputs; the same inputs and library always give the same plan."""
    needs = needs_of(inputs)
    cautions = cautions_of(inputs)
    is_bridge = HIGH_RISK in cautions
    steps = _bridge(inputs, cautions, library) if is_bridge else _steps(inputs, needs, cautions, library)
    return PlanDraft(inputs.language, inputs.goals, tuple(steps), cautions, is_bridge, library.version)


def cautions_of(inputs: PlanInputs) -> frozenset[str]:
    """Every caution that holds: those given, those hinted at, and high risk."""
    found = cautions_in((*inputs.goals, inputs.reason), (topic for topic, _ in inputs.topics), inputs.risk_kinds)
    return inputs.cautions | found | ({HIGH_RISK} if inputs.risk >= RiskLevel.HIGH else frozenset())


def _bridge(inputs: PlanInputs, cautions: frozenset[str], library: Library) -> list[PlanStep]:
    """High risk: a person first, then two short, easy things for the time until that person is there."""
    person = _person_step("risk", None, inputs)
    waiting = [one for one in _always_safe(library) if is_allowed(one, cautions)][: FEWEST - 1]
    return [person, *(_step(one, because_waiting(inputs.language), inputs.language) for one in waiting)]


def _always_safe(library: Library) -> list[Technique]:
    """Short, easy techniques for distress, people first; the library marks those that even high risk permits."""
    short = (one for one in library.techniques.values() if one.minutes <= 5 and one.effort == 1)
    return sorted(
        (one for one in short if "in_distress" in one.when and HIGH_RISK not in one.not_for),
        key=lambda one: (one.family != "social_connection", one.family, one.id),
    )


def _steps(inputs: PlanInputs, needs: tuple[Need, ...], cautions: frozenset[str], library: Library) -> list[PlanStep]:
    ranked = candidates(inputs, needs, cautions, library)
    if inputs.risk >= RiskLevel.MODERATE or needs[0].sources == ("none",):
        ranked = [one for one in ranked if one.technique.effort == 1 and one.technique.minutes <= GENTLE_MINUTES]
    chosen = choose(ranked, min(MOST, FEWEST + max(0, len(needs) - 1)))
    steps = _person_first(inputs, needs, cautions, len(chosen))
    told: set[str] = set()
    for candidate in chosen:
        reason = because(candidate, inputs, told)
        told.update(use.removeprefix("feeling:") for use in reason[1])
        steps.append(_step(candidate.technique, reason, inputs.language))
    return [*steps, *_filling(FEWEST - len(steps), {step.technique for step in steps}, inputs, cautions, library)]


def _filling(
    missing: int, taken: set[str], inputs: PlanInputs, cautions: frozenset[str], library: Library
) -> list[PlanStep]:
    """Gentle steps where cautions or risk left fewer than three."""
    safe = [one for one in _always_safe(library) if is_allowed(one, cautions) and one.id not in taken]
    return [_step(one, because_gentle(inputs.language), inputs.language) for one in safe[: max(0, missing)]]


def _person_first(inputs: PlanInputs, needs: tuple[Need, ...], cautions: frozenset[str], chosen: int) -> list[PlanStep]:
    """A person comes first where risk is moderate, a need calls for one, or cautions leave little to choose from."""
    if inputs.risk >= RiskLevel.MODERATE:
        return [_person_step("risk", None, inputs)]
    careful = next((need for need in needs if problems()[need.problem].person_first and need.weight >= 0.4), None)
    if careful:
        return [_person_step("careful", careful, inputs)]
    return [_person_step("few", None, inputs)] if cautions or chosen < FEWEST else []


def _person_step(kind: str, need: Need | None, inputs: PlanInputs) -> PlanStep:
    reason, uses = because_of_person(kind, need, inputs)
    details = "\n".join(_PERSON_LINES[inputs.language])
    return PlanStep(PERSON, _PERSON_TITLE[inputs.language], details, reason, 10, uses)


def _step(technique: Technique, reason: tuple[str, tuple[str, ...]], language: Language) -> PlanStep:
    """Details: the first line says what it is, each further line one thing to do."""
    details = "\n".join((technique.summary.of(language), *technique.steps.of(language)))
    return PlanStep(technique.id, technique.title.of(language), details, reason[0], technique.minutes, reason[1])
