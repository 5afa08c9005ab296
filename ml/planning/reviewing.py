"""The weekly review: the next version of a plan, and what is kept, changed, new or left out, each with its reason.

Pure and repeatable: the same version before, inputs and seed give the same next version. Nothing is stored here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ml.planning.because import clauses_of, ratings_of
from ml.planning.because_words import AND_THEN, CHANGED, END, LEFT_OUT, TRIAL
from ml.planning.constraints import refusal
from ml.planning.drafting import draft
from ml.planning.inputs import PERSON, PlanBefore, PlanDraft, PlanInputs, PlanStep
from ml.planning.records import Library
from ml.types import Language

__all__ = ["Change", "NextPlan", "PlanBefore", "change_text", "review"]

ChangeKind = Literal["kept", "changed", "added", "dropped"]
# Due at least so often, and done for at most this share: it was not the right step.
UNDONE_FROM, UNDONE_SHARE = 4, 0.25
RATED_LOW = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one technique. `uses` are the codes of its reason, `text` the sentence in the plan's language."""

    kind: ChangeKind
    technique: str
    title: str
    text: str
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextPlan:
    """The next version and its difference from the one before, in the order of the plan, what is left out last."""

    draft: PlanDraft
    changes: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs from the version before."""
        return all(change.kind == "kept" for change in self.changes)


def review(before: PlanBefore, inputs: PlanInputs, library: Library) -> NextPlan:
    """The next version after `before`, with the difference. Techniques the library no longer holds are left out."""
    plan = draft(inputs, library, before)
    steps = [step for step in plan.steps if step.technique != PERSON]
    taken = {step.technique for step in steps}
    changes = [_of_step(step, before, inputs, library) for step in steps]
    for name in before.techniques:
        if name in library.techniques and name not in taken:
            uses = (_why_left_out(name, inputs, plan, library),)
            changes.append(_change("dropped", name, uses, inputs.language, library))
    return NextPlan(plan, tuple(changes))


def _of_step(step: PlanStep, before: PlanBefore, inputs: PlanInputs, library: Library) -> Change:
    name, often = step.technique, before.often.get(step.technique)
    if name not in before.techniques:
        uses = (*step.uses, TRIAL) if step.mark == "trial" else step.uses
        return _change("added", name, uses, inputs.language, library)
    rated = ratings_of(name, inputs.ratings)
    said = (rated,) if rated else ("early",)
    if often is not None and often != step.per_week:
        uses = ("more" if step.per_week > often else "less", *said)
        return _change("changed", name, uses, inputs.language, library)
    return _change("kept", name, said, inputs.language, library)


def _why_left_out(name: str, inputs: PlanInputs, plan: PlanDraft, library: Library) -> str:
    refused = refusal(library.techniques[name], inputs, plan.cautions)
    if plan.is_bridge:
        return "risk"
    if refused:
        return refused
    gains = [rating.gain for rating in inputs.ratings if rating.technique == name]
    if gains and sum(gains) / len(gains) < RATED_LOW:
        return ratings_of(name, inputs.ratings) or "room"
    record = next((one for one in inputs.followed if one.technique == name), None)
    if record and record.offered >= UNDONE_FROM and record.done <= UNDONE_SHARE * record.offered:
        return "undone"
    return "room"


def _change(kind: ChangeKind, name: str, uses: tuple[str, ...], language: Language, library: Library) -> Change:
    title = library.techniques[name].title.of(language)
    return Change(kind, name, title, change_text(kind, uses, language, library), uses)


def change_text(kind: ChangeKind, uses: tuple[str, ...], language: Language, library: Library) -> str:
    """The sentence of a change from its stored codes, in either language."""
    texts = CHANGED[language]
    if kind == "dropped":
        clauses = [LEFT_OUT[language][code] for code in uses if code in LEFT_OUT[language]]
    else:
        clauses = [texts["early"]] if "early" in uses else []
    clauses = [*clauses, *clauses_of(uses, language, library)][:2] or [texts["gentle" if kind == "added" else "room"]]
    lead = texts[next((code for code in ("more", "less") if code in uses), kind)]
    trial = texts[TRIAL] if TRIAL in uses else ""
    return f"{lead}{AND_THEN[language].join(clauses)}{END[language]}{trial}"
