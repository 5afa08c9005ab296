"""Drafts a personal plan: needs, cautions, a person first where one is owed, then three to five small steps.

Source of the rules on high risk and thin choice: the constraints of `ml/data/library/graph.json` and its data card.
"""

from __future__ import annotations

from collections.abc import Sequence

from ml.planning.because import GENTLE, WAITING, PersonKind, uses_of, uses_of_person, words_of
from ml.planning.constraints import is_allowed
from ml.planning.inputs import NO_PLAN, PERSON, Mark, PlanBefore, PlanDraft, PlanInputs, PlanStep
from ml.planning.needs import Need, needs_of
from ml.planning.ranking import Candidate, Ranking, choose, rank, shares_of_best
from ml.planning.records import Library, Technique
from ml.planning.rhythm import in_rhythm
from ml.planning.scores import is_severe, worsened
from ml.planning.words import cautions_in, problems
from ml.types import Language, RiskLevel

HIGH_RISK, SEVERE = "high_suicide_risk", "severe_depression_alone"
FEWEST, MOST, GENTLE_MINUTES = 3, 5, 10
# Once there are ratings to learn from, at most so many steps of a version are there to try something out.
TRIALS = 1
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


def draft(inputs: PlanInputs, library: Library, before: PlanBefore = NO_PLAN) -> PlanDraft:
    """The plan for these inputs; the same inputs and library always give the same plan.

    Techniques of the version `before` stay where nothing is clearly better.
    """
    staying = frozenset(before.techniques).intersection(library.techniques)
    needs = needs_of(inputs)
    cautions = cautions_of(inputs)
    is_bridge = HIGH_RISK in cautions
    ranking = rank(inputs, needs, cautions, library)
    chosen = [] if is_bridge else _chosen(ranking, inputs, needs, staying)
    if is_bridge:
        steps = _bridge(inputs, cautions, library)
    else:
        first = _person_first(inputs, needs, cautions, len(chosen), library)
        steps = _whole([*first, *_steps(chosen, ranking, inputs, library, staying)], inputs, cautions, library)
    timed = in_rhythm(steps, inputs, library.techniques, shares_of_best(chosen), before.often)
    return PlanDraft(inputs.language, inputs.goals, tuple(timed), cautions, is_bridge, library.version)


def cautions_of(inputs: PlanInputs) -> frozenset[str]:
    """Every caution that holds: those given, those hinted at, and high risk."""
    found = cautions_in((*inputs.goals, inputs.reason), (topic for topic, _ in inputs.topics), inputs.risk_kinds)
    severe = {SEVERE} if is_severe(inputs.scores) else frozenset()
    return inputs.cautions | found | severe | ({HIGH_RISK} if inputs.risk >= RiskLevel.HIGH else frozenset())


def _bridge(inputs: PlanInputs, cautions: frozenset[str], library: Library) -> list[PlanStep]:
    """High risk: a person first, then two short, easy things for the time until that person is there."""
    waiting = [one for one in _always_safe(library) if is_allowed(one, inputs, cautions)][: FEWEST - 1]
    steps = [_step(one, (WAITING,), inputs.language, library) for one in waiting]
    return [_person_step("risk", None, inputs, library), *steps]


def _always_safe(library: Library) -> list[Technique]:
    """Short, easy techniques for distress, people first; the library marks those that even high risk permits."""
    short = (one for one in library.techniques.values() if one.minutes <= 5 and one.effort == 1)
    return sorted(
        (one for one in short if "in_distress" in one.when and HIGH_RISK not in one.not_for),
        key=lambda one: (one.family != "social_connection", one.family, one.id),
    )


def _chosen(ranking: Ranking, inputs: PlanInputs, needs: tuple[Need, ...], staying: frozenset[str]) -> list[Candidate]:
    ranked = ranking.candidates
    if inputs.risk >= RiskLevel.MODERATE or needs[0].sources == ("none",):
        ranked = tuple(one for one in ranked if one.technique.effort == 1 and one.technique.minutes <= GENTLE_MINUTES)
    count = min(MOST, FEWEST + max(0, len(needs) - 1))
    worse = {problem for _, instrument in worsened(inputs.scores) for problem in instrument.problems} if staying else ()
    return choose(ranked, count, staying=staying, trials=TRIALS if inputs.ratings else 0, answer=worse)


def _steps(
    chosen: Sequence[Candidate], ranking: Ranking, inputs: PlanInputs, library: Library, staying: frozenset[str]
) -> list[PlanStep]:
    steps = []
    told: set[str] = set()
    for candidate in chosen:
        uses = uses_of(candidate, inputs, ranking.belief, told)
        told.update(uses)
        mark: Mark = "kept" if candidate.technique.id in staying else "trial" if candidate.is_trial else "new"
        steps.append(_step(candidate.technique, uses, inputs.language, library, mark))
    return steps


def _whole(steps: list[PlanStep], inputs: PlanInputs, cautions: frozenset[str], library: Library) -> list[PlanStep]:
    """Gentle steps besides, where cautions or risk left fewer than three."""
    taken = {step.technique for step in steps}
    safe = [one for one in _always_safe(library) if is_allowed(one, inputs, cautions) and one.id not in taken]
    gentle = safe[: max(0, FEWEST - len(steps))]
    return [*steps, *(_step(one, (GENTLE,), inputs.language, library) for one in gentle)]


def _person_first(
    inputs: PlanInputs, needs: tuple[Need, ...], cautions: frozenset[str], chosen: int, library: Library
) -> list[PlanStep]:
    """A person comes first where risk is moderate, a need calls for one, or cautions leave little to choose from."""
    if inputs.risk >= RiskLevel.MODERATE:
        return [_person_step("risk", None, inputs, library)]
    careful = next((need for need in needs if problems()[need.problem].person_first and need.weight >= 0.4), None)
    if careful:
        return [_person_step("careful", careful, inputs, library)]
    return [_person_step("few", None, inputs, library)] if cautions or chosen < FEWEST else []


def _person_step(kind: PersonKind, need: Need | None, inputs: PlanInputs, library: Library) -> PlanStep:
    uses = uses_of_person(kind, need, inputs)
    details = "\n".join(_PERSON_LINES[inputs.language])
    reason = words_of(uses, inputs.language, library)
    return PlanStep(PERSON, _PERSON_TITLE[inputs.language], details, reason, 10, uses)


def _step(
    technique: Technique, uses: tuple[str, ...], language: Language, library: Library, mark: Mark = "new"
) -> PlanStep:
    """Details: the first line says what it is, each further line one thing to do."""
    details = "\n".join((technique.summary.of(language), *technique.steps.of(language)))
    reason = words_of(uses, language, library)
    return PlanStep(technique.id, technique.title.of(language), details, reason, technique.minutes, uses, mark=mark)
