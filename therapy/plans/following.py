"""Writes of following a plan: a step done and rated, put off, taken out with a reason, reminders wished for."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Literal, get_args
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.middleware import zone_of
from accounts.selectors import profile_of
from therapy.core.errors import ApplicationError
from therapy.observations import services as observations
from therapy.plans.models import PlanItem, ReminderWish, StepRun
from therapy.plans.selectors import item_binding
from therapy.plans.services import REASON_CHARACTERS as REASON_CHARACTERS
from therapy.plans.services import step_of, touch
from therapy.plans.wording import line_of

Delay = Literal["not_today", "tomorrow_evening"]
REASONS = ("not_for_me", "did_not_help", "made_it_worse", "too_hard", "too_long", "not_now", "other")
RATING = range(11)
MORNING, EVENING = time(9), time(19)
LATEST = timedelta(days=90)


@transaction.atomic
def finish_run(
    *, person_id: UUID, item_id: UUID, run_id: UUID, before: int | None, after: int | None, now: datetime | None = None
) -> StepRun:
    """A step was done. Both ratings may be missing; what is there is kept sealed. The same run twice is one.

    Raises:
        ApplicationError: the step is not in this person's plan, or a rating is not 0 to 10.
    """
    item = step_of(person_id, item_id)
    if any(value is not None and value not in RATING for value in (before, after)):
        raise ApplicationError("rating", _("Please choose a number from 0 to 10, or leave it out."))
    known = StepRun.objects.filter(pk=run_id).first()
    if known is not None:
        return _same(known, item)
    moment = now or timezone.now()
    try:
        with transaction.atomic():
            run = StepRun.objects.create(id=run_id, item=item, at=moment)
    except IntegrityError as error:
        raise ApplicationError("not_found", _("This step is no longer in your plan.")) from error
    item.done_at, item.due_at, item.reminded_at = item.done_at or moment, None, None
    item.save(update_fields=["done_at", "due_at", "reminded_at"])
    if before is not None or after is not None:
        payload = {
            "item": str(item.pk),
            "technique": item.technique,
            "before": before,
            "after": after,
            "run": str(run.pk),
        }
        observations.record(person_id=person_id, kind="rating", payload=payload, source="plans", at=moment)
    return run


def _same(run: StepRun, item: PlanItem) -> StepRun:
    if run.item_id != item.pk:
        # The id of another step's run: only a forged form sends that.
        raise ApplicationError("not_found", _("This step is no longer in your plan."))
    return run


@transaction.atomic
def put_off(*, person_id: UUID, item_id: UUID, delay: Delay, now: datetime | None = None) -> PlanItem:
    """Rest a step until tomorrow morning or tomorrow evening, as clocks go where the person lives."""
    if delay not in get_args(Delay):
        raise ApplicationError("when", _("Please choose a day and a time within the next 90 days."))
    local = (now or timezone.now()).astimezone(zone_of(profile_of(person_id).time_zone))
    hour = EVENING if delay == "tomorrow_evening" else MORNING
    due_at = datetime.combine(local.date() + timedelta(days=1), hour, tzinfo=local.tzinfo)
    return _set_due(person_id, item_id, due_at)


@transaction.atomic
def schedule(*, person_id: UUID, item_id: UUID, local: datetime | None, now: datetime | None = None) -> PlanItem:
    """Give a step a time, as the person's clock shows it; None takes the time back.

    Raises:
        ApplicationError: the time has passed, is far away, or the step is not in this person's plan.
    """
    if local is None:
        return _set_due(person_id, item_id, None)
    moment = now or timezone.now()
    due_at = local.replace(tzinfo=zone_of(profile_of(person_id).time_zone))
    # Minutes ago is now: somebody took a while to choose.
    if not moment - timedelta(minutes=10) <= due_at <= moment + LATEST:
        raise ApplicationError("when", _("Please choose a day and a time within the next 90 days."))
    return _set_due(person_id, item_id, due_at)


def _set_due(person_id: UUID, item_id: UUID, due_at: datetime | None) -> PlanItem:
    item = step_of(person_id, item_id)
    item.due_at, item.reminded_at = due_at, None
    item.save(update_fields=["due_at", "reminded_at"])
    return item


@transaction.atomic
def decline_item(*, person_id: UUID, item_id: UUID, reason: str, words: str = "") -> PlanItem:
    """Take a step out and keep why, sealed: the next plan is drafted from it. Twice is once, with the first reason.

    Raises:
        ApplicationError: no reason is chosen, or the step is not in this person's plan.
    """
    if reason not in REASONS:
        raise ApplicationError("reason", _("Please choose what fits best."))
    item = step_of(person_id, item_id, may_be_removed=True)
    if item.removed_at is not None:
        return item
    body = json.dumps({"reason": reason, "words": line_of(words, REASON_CHARACTERS)}, ensure_ascii=False)
    item.removed_at = timezone.now()
    item.removal_reason_sealed = keys.seal_text(body, item_binding(item, "removal_reason", person_id), person_id)
    item.save(update_fields=["removed_at", "removal_reason_sealed"])
    touch(item.plan_id)
    return item


def wish_reminders(*, person_id: UUID, by_mail: bool) -> None:
    """Whether a mail may remind of a step with a time."""
    ReminderWish.objects.update_or_create(person_id=person_id, defaults={"by_mail": by_mail})
