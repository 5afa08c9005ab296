"""What is different in a new version of a plan and why, kept sealed: what stays, is changed, is new, is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol
from uuid import UUID

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import keys
from ml.types import Language
from therapy.plans.models import Plan
from therapy.plans.selectors import open_items, plan_binding, reason_of
from therapy.plans.wording import decline_reasons

ORDER = ("added", "changed", "kept", "dropped")
NAMES: dict[str, str | Promise] = {
    "added": gettext_lazy("New"),
    "changed": gettext_lazy("Changed"),
    "kept": gettext_lazy("Stays"),
    "dropped": gettext_lazy("Left out"),
}
SCORES = {"phq9": "PHQ-9", "gad7": "GAD-7", "who5": "WHO-5", "pss10": "PSS-10"}
# From here a change is more than the questionnaire's own unrest (docs/plans.md).
RELIABLE = {"phq9": 6, "gad7": 4, "who5": 20, "pss10": 7}


class Score(Protocol):
    """A newest score and its change since the plan before."""

    @property
    def instrument(self) -> str: ...
    @property
    def total(self) -> int: ...
    @property
    def change(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Change:
    """One step of either version. `kind`: added, changed, kept or dropped; `text`: a whole sentence with the reason."""

    kind: str
    technique: str
    title: str
    text: str

    @property
    def name(self) -> str:
        """The kind in a word."""
        return str(NAMES.get(self.kind, self.kind))


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes of a version; `news`: whole sentences about what has happened since the one before."""

    news: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def differing(self) -> int:
        """How many steps are not simply kept."""
        return sum(change.kind != "kept" for change in self.changes)

    def to_json(self) -> str:
        """For sealing."""
        return json.dumps(asdict(self), ensure_ascii=False)


def compared(changes: Iterable[Change], scores: Sequence[Score], language: str) -> Comparison:
    """The comparison, in the language of the plan; what differs stands before what stays."""
    ordered = sorted(changes, key=lambda change: ORDER.index(change.kind) if change.kind in ORDER else len(ORDER))
    with translation.override("zh-hans" if language == "zh" else "en"):
        return Comparison(tuple(_news(scores)), tuple(ordered))


def taken_out(base: Plan, language: Language) -> list[Change]:
    """Steps of the version before that somebody took out of it; they are not proposed again with it."""
    rows = list(base.items.filter(removed_at__isnull=False))
    reasons = {row.pk: reason_of(row, base.person_id)[0] for row in rows}
    with translation.override("zh-hans" if language == "zh" else "en"):
        labels = dict(decline_reasons())
        return [
            Change(
                "dropped",
                item.technique,
                item.title,
                _("It was taken out of the plan before: {reason}.").format(reason=labels[reasons[item.id]])
                if reasons[item.id] in labels
                else _("It was taken out of the plan before."),
            )
            for item in open_items(rows, base.person_id, language)
        ]


def _news(scores: Sequence[Score]) -> Iterable[str]:
    for score in scores:
        if is_reliable(score):
            assert score.change is not None
            name, points = SCORES.get(score.instrument, score.instrument), abs(score.change)
            text = (
                _("Your {name} answers rose by {points} points, from {before} to {total}.")
                if score.change > 0
                else _("Your {name} answers fell by {points} points, from {before} to {total}.")
            )
            yield text.format(name=name, points=points, before=score.total - score.change, total=score.total)


def is_reliable(score: Score) -> bool:
    """Whether a score changed by more than it does by itself."""
    return score.change is not None and abs(score.change) >= RELIABLE.get(score.instrument, 100)


def comparison_of(person_id: UUID, version: int) -> Comparison | None:
    """What a version changes; None where nothing came before it."""
    plan = Plan.objects.filter(person_id=person_id, version=version, changes_sealed__isnull=False).first()
    return open_comparison(plan) if plan else None


def open_comparison(plan: Plan) -> Comparison | None:
    """Unseal the comparison of one version."""
    if plan.changes_sealed is None:
        return None
    body = json.loads(keys.unseal_text(plan.changes_sealed, plan_binding(plan, "changes"), plan.person_id))
    return Comparison(tuple(body["news"]), tuple(Change(**one) for one in body["changes"]))
