"""What the page Today shows of a plan: one or two steps that fit the day, what was done, what rests until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

from django.utils import timezone

from accounts.middleware import zone_of
from accounts.selectors import open_profile
from therapy.library import selectors as library
from therapy.observations import selectors as observations
from therapy.plans.models import Plan, PlanItem, ReminderWish, StepRun
from therapy.plans.selectors import ItemView, PlanView, open_plan, proposed_version

MOST_STEPS = 2
RATINGS_READ = 300
NIGHT_ENDS, NOON, EVENING_BEGINS = 5, 12, 18


@dataclass(frozen=True, slots=True)
class RatingView:
    """How somebody felt before and after a step, 0 very bad to 10 very good."""

    at: datetime
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as Today shows it. `pacer`: seconds of each part of a breath, where the step is a breathing one."""

    item: ItemView
    per_week: int
    done_this_week: int
    is_due: bool
    pacer: Mapping[str, float]
    last: RatingView | None


@dataclass(frozen=True, slots=True)
class TodayView:
    """The page. `steps` for now; `done` today; `resting` until their time; `hard_moments`: for when it is hard."""

    part_of_day: str
    name: str
    zone: tzinfo
    plan: PlanView | None
    has_draft_only: bool
    proposed_version: int | None
    steps: tuple[StepView, ...] = ()
    done: tuple[StepView, ...] = ()
    resting: tuple[StepView, ...] = ()
    hard_moments: tuple[StepView, ...] = ()
    reminds_by_mail: bool = False


def today_of(person_id: UUID, *, now: datetime | None = None) -> TodayView:
    """Everything the page shows of the plan that counts."""
    profile = open_profile(person_id)
    moment = (now or timezone.now()).astimezone(zone_of(profile.time_zone))
    rows = Plan.objects.filter(person_id=person_id)
    row = rows.filter(state=Plan.State.ACTIVE).order_by("-version").first()
    view = TodayView(
        part_of_day=part_of_day(moment.hour),
        name=profile.name,
        zone=moment.tzinfo or zone_of("UTC"),
        plan=open_plan(row) if row else None,
        has_draft_only=row is None and rows.filter(state__in=(Plan.State.DRAFT, Plan.State.DRAFTING)).exists(),
        proposed_version=proposed_version(person_id),
        reminds_by_mail=reminds_by_mail(person_id),
    )
    return _with_steps(view, row, moment) if row else view


def part_of_day(hour: int) -> str:
    """Which greeting fits an hour of the person's clock."""
    if hour < NIGHT_ENDS or hour >= 23:
        return "night"
    if hour < NOON:
        return "morning"
    return "afternoon" if hour < EVENING_BEGINS else "evening"


def reminds_by_mail(person_id: UUID) -> bool:
    """Whether the person wants mails for steps with a time."""
    return ReminderWish.objects.filter(person_id=person_id, by_mail=True).exists()


def ratings_of(person_id: UUID) -> dict[str, list[RatingView]]:
    """Ratings by id of the step, newest first."""
    found: dict[str, list[RatingView]] = {}
    for one in observations.recent(person_id, "rating", limit=RATINGS_READ):
        rating = RatingView(one.at, one.payload.get("before"), one.payload.get("after"))
        found.setdefault(str(one.payload.get("item", "")), []).append(rating)
    return found


def step_view(view: PlanView, item_id: UUID) -> StepView | None:
    """One open step of an opened plan, to do now."""
    item = next((one for one in view.open_items if one.id == item_id), None)
    if item is None:
        return None
    row = PlanItem.objects.get(pk=item_id)
    return _step(item, row, [], ratings_of(view.person_id), timezone.now())


def _with_steps(view: TodayView, plan: Plan, now: datetime) -> TodayView:
    assert view.plan is not None
    rows = {row.pk: row for row in plan.items.filter(removed_at__isnull=True)}
    runs: dict[UUID, list[datetime]] = {}
    for item_id, at in StepRun.objects.filter(item__plan=plan).values_list("item_id", "at"):
        runs.setdefault(item_id, []).append(at)
    ratings = ratings_of(plan.person_id)
    week = _week_of(plan, now)
    offered: list[tuple[StepView, PlanItem]] = []
    done, resting, hard = [], [], []
    for item in view.plan.open_items:
        row = rows[item.id]
        step = _step(item, row, runs.get(item.id, []), ratings, now)
        if any(at.astimezone(now.tzinfo).date() == now.date() for at in runs.get(item.id, ())):
            done.append(step)
        elif row.due_at is not None and row.due_at.astimezone(now.tzinfo).date() > now.date():
            resting.append(step)
        elif row.when == "in_distress":
            hard.append(step)
        elif row.from_week <= week and (step.done_this_week < row.per_week or row.due_at is not None):
            offered.append((step, row))
    chosen = _fitting(offered, plan, now)[: max(0, MOST_STEPS - len(done)) or (1 if _any_due(offered) else 0)]
    return replace(view, steps=tuple(chosen), done=tuple(done), resting=tuple(resting), hard_moments=tuple(hard))


def _any_due(offered: Sequence[tuple[StepView, PlanItem]]) -> bool:
    return any(step.is_due for step, _row in offered)


def _fitting(offered: Sequence[tuple[StepView, PlanItem]], plan: Plan, now: datetime) -> list[StepView]:
    """First what the person set a time for, then what the plan suggests for this day and hour, then the rest."""
    day = (now.date() - (plan.approved_at or plan.created_at).astimezone(now.tzinfo).date()).days % 7
    wrong = "evening" if now.hour < NOON else "morning"

    def order(pair: tuple[StepView, PlanItem]) -> tuple[object, ...]:
        step, row = pair
        return (not step.is_due, row.when == wrong, day not in row.days, step.done_this_week, row.position)

    return [step for step, _row in sorted(offered, key=order)]


def _week_of(plan: Plan, now: datetime) -> int:
    """The week of this version, from 1."""
    return max(0, (now - (plan.approved_at or plan.created_at)).days) // 7 + 1


def _step(
    item: ItemView, row: PlanItem, runs: Sequence[datetime], ratings: Mapping[str, list[RatingView]], now: datetime
) -> StepView:
    week_ago = now - timedelta(days=7)
    return StepView(
        item=item,
        per_week=row.per_week,
        done_this_week=sum(at > week_ago for at in runs),
        is_due=row.due_at is not None and row.due_at <= now,
        pacer=library.pacer_of(row.technique),
        last=next(iter(ratings.get(str(item.id), ())), None),
    )
