"""Reads of plans, opened for the person they belong to; steps that must wait while risk is high are marked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts import keys
from accounts.crypto import Binding
from accounts.models import Access, User
from ml.types import Language, RiskLevel
from therapy.library import selectors as techniques
from therapy.plans.models import Plan, PlanItem, StepEdit
from therapy.safety import selectors as safety

SHOWN = (Plan.State.DRAFT, Plan.State.ACTIVE)
READING_LASTS = timedelta(minutes=30)
WORDS = ("title", "details", "because")


@dataclass(frozen=True, slots=True)
class EditView:
    """What a step said before a change. `by`: the counsellor who changed it, empty where the person did."""

    at: datetime
    by: str
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class ItemView:
    """A step in the clear. `waits`: not now, a person comes first. `caution`: when to be careful or to stop."""

    id: UUID
    title: str
    details: str
    because: str
    minutes: int
    technique: str
    caution: str
    done_at: datetime | None
    edited_at: datetime | None
    removed_at: datetime | None
    waits: bool
    due_at: datetime | None = None
    edits: tuple[EditView, ...] = ()

    @property
    def is_own(self) -> bool:
        """True for a step that the person added."""
        return not self.technique

    @property
    def lead(self) -> str:
        """What it is: the first line of the details."""
        return self.details.partition("\n")[0].strip()

    @property
    def lines(self) -> list[str]:
        """What to do, one thing a line."""
        return [line.strip() for line in self.details.splitlines()[1:] if line.strip()]


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan in the clear. `is_writing`: a newer draft is on its way. `is_paused`: risk is high, so a person first."""

    id: UUID
    person_id: UUID
    version: int
    state: str
    language: Language
    goals: tuple[str, ...]
    items: tuple[ItemView, ...]
    drafted_at: datetime | None
    approved_at: datetime | None
    is_writing: bool = False
    is_paused: bool = False
    origin: str = Plan.Origin.ASKED
    revision: int = 0
    looked_at: datetime | None = None

    @property
    def html_language(self) -> str:
        """The language tag of the plan's own text; the page around it may speak another."""
        return "zh-Hans" if self.language == "zh" else "en"

    @property
    def is_draft(self) -> bool:
        """True until a counsellor approves."""
        return self.state == Plan.State.DRAFT

    @property
    def is_active(self) -> bool:
        """True once a counsellor approved it."""
        return self.state == Plan.State.ACTIVE

    @property
    def open_items(self) -> list[ItemView]:
        """Steps to do now, and those already done."""
        return [item for item in self.items if not item.waits]

    @property
    def waiting_items(self) -> list[ItemView]:
        """Steps that wait while a person comes first."""
        return [item for item in self.items if item.waits]

    @property
    def done_count(self) -> int:
        """How many steps are ticked off."""
        return sum(item.done_at is not None for item in self.items)


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a plan, without its words."""

    version: int
    state: str
    label: str
    drafted_at: datetime | None
    origin: str = ""


def plan_binding(plan: Plan, field: str = "goals") -> Binding:
    """Where a sealed field of a plan belongs."""
    return Binding("plans_plan", f"{field}_sealed", plan.pk, plan.person_id)


def item_binding(item: PlanItem, field: str, person_id: UUID) -> Binding:
    """Where a sealed field of a step belongs."""
    return Binding("plans_planitem", f"{field}_sealed", item.pk, person_id)


def edit_binding(row: StepEdit, field: str, person_id: UUID) -> Binding:
    """Where the earlier words of a step belong."""
    return Binding("plans_stepedit", f"{field}_sealed", row.pk, person_id)


def current_plan(person_id: UUID) -> PlanView | None:
    """The plan that counts, else the newest draft, else the one that is being written."""
    rows = list(Plan.objects.filter(person_id=person_id, state__in=(*SHOWN, Plan.State.DRAFTING)).order_by("-version"))
    states = (Plan.State.ACTIVE, Plan.State.DRAFT, Plan.State.DRAFTING)
    shown = next((row for state in states for row in rows if row.state == state), None)
    return None if shown is None else open_plan(shown, is_writing=rows[0].state == Plan.State.DRAFTING)


def proposed_version(person_id: UUID) -> int | None:
    """The version of a draft that waits beside the plan that counts; None where there is no such pair."""
    rows = dict(Plan.objects.filter(person_id=person_id, state__in=SHOWN).values_list("state", "version"))
    return rows.get(Plan.State.DRAFT) if Plan.State.ACTIVE in rows else None


def plan_version(person_id: UUID, version: int) -> PlanView | None:
    """One version of the person's own plans, current or old; not one that has no steps yet."""
    row = Plan.objects.filter(person_id=person_id, version=version).exclude(state=Plan.State.DRAFTING).first()
    return open_plan(row) if row else None


def versions_of(person_id: UUID) -> list[VersionView]:
    """All versions that have steps, newest first."""
    rows = Plan.objects.filter(person_id=person_id).exclude(state=Plan.State.DRAFTING).order_by("-version")
    return [
        VersionView(
            row.version,
            row.state,
            row.get_state_display(),
            row.drafted_at,
            "" if row.origin == Plan.Origin.ASKED else row.get_origin_display(),
        )
        for row in rows
    ]


def steps_for_prompt(person_id: UUID) -> tuple[str, ...]:
    """Titles of the open steps of the approved plan. A draft is not spoken of as if it counted (RG-07)."""
    row = Plan.objects.filter(person_id=person_id, state=Plan.State.ACTIVE).order_by("-version").first()
    if row is None:
        return ()
    return tuple(item.title for item in open_plan(row).open_items if item.done_at is None)


def open_step(person_id: UUID, item_id: UUID) -> ItemView | None:
    """One step of the approved plan; None where it is not (any more) there, or waits because a person comes first."""
    row = Plan.objects.filter(person_id=person_id, state=Plan.State.ACTIVE).order_by("-version").first()
    items = open_plan(row).open_items if row else []
    return next((item for item in items if item.id == item_id), None)


def reason_of(item: PlanItem, person_id: UUID) -> tuple[str, str]:
    """Why the person took a step out: the reason's code and their own words, both empty where they did not say."""
    if item.removal_reason_sealed is None:
        return "", ""
    place = item_binding(item, "removal_reason", person_id)
    body = json.loads(keys.unseal_text(item.removal_reason_sealed, place, person_id))
    return body["reason"], body["words"]


def reading(*, access_id: UUID, user: User, plan_id: UUID) -> Access | None:
    """The reading of a plan that a counsellor opened, while it lasts; None for anybody else's or an old one."""
    return Access.objects.filter(
        pk=access_id,
        actor=user,
        what=Access.What.PLAN,
        object_id=plan_id,
        at__gt=timezone.now() - READING_LASTS,
    ).first()


def open_plan(plan: Plan, *, is_writing: bool = False) -> PlanView:
    """Unseal one plan and its steps."""
    is_paused = safety.effective_level(plan.person_id) >= RiskLevel.HIGH
    language: Language = "zh" if plan.language == "zh" else "en"
    goals = keys.unseal_text(plan.goals_sealed, plan_binding(plan), plan.person_id)
    return PlanView(
        id=plan.pk,
        person_id=plan.person_id,
        version=plan.version,
        state=plan.state,
        language=language,
        goals=tuple(goals.splitlines()),
        items=tuple(open_items(plan.items.filter(removed_at__isnull=True), plan.person_id, language, is_paused)),
        drafted_at=plan.drafted_at,
        approved_at=plan.approved_at,
        is_writing=is_writing,
        is_paused=is_paused,
        origin=plan.origin,
        revision=plan.revision,
        looked_at=plan.looked_at,
    )


def open_items(
    items: Iterable[PlanItem], person_id: UUID, language: Language, is_paused: bool = False
) -> Iterable[ItemView]:
    """Unseal steps, in their order."""
    for item in items:
        known = techniques.technique(item.technique)
        words = {
            field: keys.unseal_text(getattr(item, f"{field}_sealed"), item_binding(item, field, person_id), person_id)
            for field in WORDS
        }
        yield ItemView(
            id=item.pk,
            minutes=item.minutes,
            technique=item.technique,
            caution=known.cautions.of(language) if known else "",
            done_at=item.done_at,
            edited_at=item.edited_at,
            removed_at=item.removed_at,
            waits=is_paused and known is not None and techniques.is_out_at_high_risk(known),
            due_at=item.due_at,
            edits=tuple(_edits(item, person_id)),
            **words,
        )


def _edits(item: PlanItem, person_id: UUID) -> Iterable[EditView]:
    # A step that nobody changed has no earlier words: no query for it.
    for row in item.edits.select_related("by") if item.edited_at else ():
        title = keys.unseal_text(row.title_sealed, edit_binding(row, "title", person_id), person_id)
        yield EditView(at=row.at, by=row.by.username if row.by else "", title=title, minutes=row.minutes)
