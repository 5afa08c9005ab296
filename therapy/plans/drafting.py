"""Fills a plan that was asked for: claim the row, draft, seal, store. Safe to run twice, by task or by sweep."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts import keys
from accounts.errors import KeyFault
from ml.planning.drafting import draft as draft_steps
from ml.planning.inputs import PlanDraft
from therapy.library.selectors import library
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
    """Write the steps of a plan that waits for them. False where somebody else did or does, or it is gone."""
    started = time.perf_counter()
    waiting = Plan.objects.select_for_update(skip_locked=True).filter(pk=plan_id, state=Plan.State.DRAFTING)
    plan = waiting.first()
    if plan is None:
        return False
    written = draft_steps(inputs_for(plan.person_id), library())
    _store(plan, written)
    Plan.objects.filter(person_id=plan.person_id, state=Plan.State.DRAFT, version__lt=plan.version).update(
        state=Plan.State.REPLACED
    )
    logger.info("plan %s drafted in %.0f ms", plan.pk, 1000 * (time.perf_counter() - started))
    return True


def _store(plan: Plan, written: PlanDraft) -> None:
    carried = list(_own_steps_before(plan))
    plan.state = Plan.State.DRAFT
    plan.language = written.language
    plan.library_version = written.library_version
    plan.drafted_at = timezone.now()
    plan.goals_sealed = keys.seal_text("\n".join(written.goals), plan_binding(plan), plan.person_id)
    plan.save()
    rows = [
        sealed_item(
            plan,
            position,
            {"title": step.title, "details": step.details, "because": step.because},
            technique=step.technique,
            minutes=step.minutes,
        )
        for position, step in enumerate(written.steps, start=1)
    ]
    own = [
        sealed_item(
            plan,
            position,
            {"title": step.title, "details": step.details, "because": step.because},
            minutes=step.minutes,
        )
        for position, step in enumerate(carried, start=len(rows) + 1)
    ]
    PlanItem.objects.bulk_create([*rows, *own])


def _own_steps_before(plan: Plan) -> Iterable[ItemView]:
    """Steps that the person added to the plan before this one and has not done: they go on."""
    before = Plan.objects.filter(person_id=plan.person_id, version__lt=plan.version, state__in=SHOWN)
    last = before.order_by("-version").first()
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
