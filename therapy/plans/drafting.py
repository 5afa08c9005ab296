"""Fills a plan that was asked for: claim the row, draft, seal, store. Safe to run twice, by task or by sweep."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts import keys
from accounts.errors import KeyFault
from ml.planning.drafting import draft as draft_steps
from ml.planning.inputs import PlanDraft, PlanStep
from ml.planning.reviewing import PlanBefore, review
from therapy.library.selectors import library
from therapy.plans import comparing
from therapy.plans.comparing import Change, Comparison
from therapy.plans.gathering import inputs_for
from therapy.plans.models import Plan, PlanItem
from therapy.plans.selectors import SHOWN, WORDS, ItemView, item_binding, open_items, plan_binding

logger = logging.getLogger(__name__)

# A task that has not come by then was lost; a broker that only was slow does no harm, the row is claimed once.
LOST_AFTER = timedelta(seconds=15)
SWEEP_AT_ONCE = 50
MOST_CARRIED = 6


@transaction.atomic
def draft(plan_id: UUID) -> bool:
    """Write the steps of a plan that waits for them. False where somebody else did or does, or it is gone.

    A weekly look that finds nothing to change leaves no version, only the time of the look.
    """
    started = time.perf_counter()
    waiting = Plan.objects.select_for_update(skip_locked=True).filter(pk=plan_id, state=Plan.State.DRAFTING)
    plan = waiting.first()
    if plan is None:
        return False
    base = Plan.objects.filter(person_id=plan.person_id, state=Plan.State.ACTIVE).order_by("-version").first()
    inputs = inputs_for(plan.person_id, version=plan.version)
    if base is None:
        _store(plan, draft_steps(inputs, library()))
    else:
        following = review(_before(base), inputs, library())
        if following.is_same and plan.origin == Plan.Origin.WEEKLY:
            plan.delete()
            Plan.objects.filter(pk=base.pk).update(looked_at=timezone.now())
            return True
        _store(plan, following.draft, base)
        changes = [Change(one.kind, one.technique, one.title, one.text) for one in following.changes]
        changes += comparing.taken_out(base, inputs.language)
        _keep_comparison(plan, comparing.compared(changes, inputs.scores, inputs.language))
    Plan.objects.filter(person_id=plan.person_id, state=Plan.State.DRAFT, version__lt=plan.version).update(
        state=Plan.State.REPLACED
    )
    logger.info("plan %s drafted in %.0f ms", plan.pk, 1000 * (time.perf_counter() - started))
    return True


def _before(plan: Plan) -> PlanBefore:
    rows = plan.items.filter(removed_at__isnull=True).exclude(technique="")
    steps = list(rows.values_list("technique", "per_week"))
    return PlanBefore(plan.version, tuple(name for name, _times in steps), tuple(times for _name, times in steps))


def _keep_comparison(plan: Plan, comparison: Comparison) -> None:
    plan.changes_sealed = keys.seal_text(comparison.to_json(), plan_binding(plan, "changes"), plan.person_id)
    plan.save(update_fields=["changes_sealed"])


def _store(plan: Plan, written: PlanDraft, base: Plan | None = None) -> None:
    plan.state = Plan.State.DRAFT
    plan.language = written.language
    plan.library_version = written.library_version
    plan.drafted_at = timezone.now()
    plan.goals_sealed = keys.seal_text("\n".join(written.goals), plan_binding(plan), plan.person_id)
    plan.save()
    former = _rows_by_technique(base)
    rows = [_row(plan, position, step, former) for position, step in enumerate(written.steps, start=1)]
    own = [
        sealed_item(
            plan,
            position,
            {"title": step.title, "details": step.details, "because": step.because},
            minutes=step.minutes,
        )
        for position, step in enumerate(_own_steps_before(plan), start=len(rows) + 1)
    ]
    PlanItem.objects.bulk_create([*rows, *own])


def _rows_by_technique(base: Plan | None) -> dict[str, PlanItem]:
    if base is None:
        return {}
    return {row.technique: row for row in base.items.filter(removed_at__isnull=True).exclude(technique="")}


def _row(plan: Plan, position: int, step: PlanStep, former: Mapping[str, PlanItem]) -> PlanItem:
    """A step of the new version. What somebody changed in it before, and the time it was given, go on."""
    words = {"title": step.title, "details": step.details, "because": step.because}
    minutes, before = step.minutes, former.get(step.technique)
    is_carried = before is not None and before.edited_at is not None and before.plan.language == plan.language
    if before is not None and is_carried:
        for field in ("title", "details"):
            sealed = getattr(before, f"{field}_sealed")
            words[field] = keys.unseal_text(sealed, item_binding(before, field, plan.person_id), plan.person_id)
        minutes = before.minutes
    item = sealed_item(plan, position, words, technique=step.technique, minutes=minutes)
    item.from_week, item.per_week, item.days = step.from_week, step.per_week, list(step.days)
    item.when, item.mark = step.when, step.mark
    uses = json.dumps(list(step.uses))
    item.uses_sealed = keys.seal_text(uses, item_binding(item, "uses", plan.person_id), plan.person_id)
    if before is not None:
        item.edited_at = before.edited_at if is_carried else None
        item.due_at, item.reminded_at = before.due_at, before.reminded_at
    return item


def _own_steps_before(plan: Plan) -> Iterable[ItemView]:
    """Steps that the person added to the plan before this one and has not done: they go on."""
    before = Plan.objects.filter(person_id=plan.person_id, version__lt=plan.version, state__in=SHOWN)
    # The plan that counts goes before a draft beside it.
    last = before.order_by("state", "-version").first()
    if last is None:
        return ()
    rows = last.items.filter(technique="", removed_at__isnull=True, done_at__isnull=True)[:MOST_CARRIED]
    return open_items(rows, plan.person_id, "en")


def sealed_item(
    plan: Plan, position: int, words: dict[str, str], *, technique: str = "", minutes: int = 10, pk: UUID | None = None
) -> PlanItem:
    """A step with its words sealed; not saved yet."""
    item = PlanItem(id=pk or uuid4(), plan=plan, position=position, technique=technique, minutes=minutes)
    for field in WORDS:
        sealed = keys.seal_text(words.get(field, ""), item_binding(item, field, plan.person_id), plan.person_id)
        setattr(item, f"{field}_sealed", sealed)
    return item


def sweep() -> int:
    """Draft what was asked for and whose task never came; returns how many were written."""
    lost = Plan.objects.filter(state=Plan.State.DRAFTING, created_at__lt=timezone.now() - LOST_AFTER)
    oldest = lost.order_by("created_at").values_list("pk", flat=True)[:SWEEP_AT_ONCE]
    return sum(_draft_safely(plan_id) for plan_id in oldest)


def _draft_safely(plan_id: UUID) -> bool:
    try:
        return draft(plan_id)
    except KeyFault as error:
        # One person's lost key must not keep everybody else's plan from being written.
        logger.error("plan %s cannot be drafted: %s", plan_id, type(error).__name__)
        return False
