"""Writes of plans: asking for a draft, approving it, and what a person or a counsellor changes in its steps."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts import keys
from accounts import selectors as accounts
from accounts.models import Access, Consent, User
from accounts.services import log_access
from therapy.core.errors import ApplicationError
from therapy.plans import tasks
from therapy.plans.drafting import sealed_item
from therapy.plans.models import Plan, PlanItem
from therapy.plans.selectors import SHOWN, plan_binding
from therapy.plans.wording import StepWords, keep_words, line_of, reseal

logger = logging.getLogger(__name__)

FIRST_TALK = 3
NEW_DRAFT_AFTER = timedelta(minutes=1)
MOST_STEPS = 20
SHORTEST_REASON = 5
REASON_CHARACTERS = 500


@transaction.atomic
def request_draft(*, person_id: UUID) -> Plan:
    """Ask for a new version; the one that is being written already counts as the answer to asking twice.

    Raises:
        ApplicationError: the use of health data is not agreed to, or the last draft is hardly a minute old.
    """
    if not accounts.has_consented(person_id, Consent.Purpose.HEALTH_DATA):
        raise ApplicationError(
            "no_consent", _("A plan is written from what you told us. Please allow that under My privacy first.")
        )
    # The person's row is the lock: two windows that ask at once get one version.
    User.objects.select_for_update(no_key=True).get(pk=person_id)
    newest = Plan.objects.filter(person_id=person_id).order_by("-version").first()
    if newest and newest.state == Plan.State.DRAFTING:
        return newest
    if newest and newest.drafted_at and newest.drafted_at > timezone.now() - NEW_DRAFT_AFTER:
        raise ApplicationError("too_soon", _("Your draft is new. Give it a minute, then you can ask for another."))
    plan = Plan.objects.create(person_id=person_id, version=newest.version + 1 if newest else 1)
    transaction.on_commit(lambda: _enqueue(plan.pk))
    return plan


def _enqueue(plan_id: UUID) -> None:
    """Wake the queue. A dead broker loses nothing: the row waits, and the sweep drafts it."""
    try:
        tasks.draft_plan.delay(str(plan_id))
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("plan %s not queued (%s): left to the sweep", plan_id, type(error).__name__)


def request_draft_if_ready(*, person_id: UUID, user_messages: int) -> Plan | None:
    """Ask for the first plan once the person has answered the questions and talked a little; otherwise do nothing."""
    if user_messages < FIRST_TALK or Plan.objects.filter(person_id=person_id).exists():
        return None
    if accounts.profile_of(person_id).onboarded_at is None:
        return None
    if not accounts.has_consented(person_id, Consent.Purpose.HEALTH_DATA):
        return None
    return request_draft(person_id=person_id)


@transaction.atomic
def approve(*, plan_id: UUID, user: User, revision: int | None = None) -> Plan:
    """A counsellor who has read a draft lets it count; the plan before it is kept as replaced. Twice is once.

    `revision` is the one they read: a step that somebody changed meanwhile must be read first.

    Raises:
        ApplicationError: not counselling staff, not read, changed since, or no longer the draft to approve.
    """
    require_staff(user)
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    if plan.state == Plan.State.ACTIVE:
        return plan
    if plan.state != Plan.State.DRAFT:
        raise ApplicationError("not_a_draft", _("This version is not a draft any more."))
    if not Access.objects.filter(actor=user, what=Access.What.PLAN, object_id=plan.pk).exists():
        raise ApplicationError("not_read", _("Please open and read the plan before you approve it."))
    if revision is not None and revision != plan.revision:
        raise ApplicationError("stale", _("Somebody changed this plan since you opened it. Please look at it again."))
    Plan.objects.filter(person_id=plan.person_id, state=Plan.State.ACTIVE).update(state=Plan.State.REPLACED)
    plan.state, plan.approved_at, plan.approved_by = Plan.State.ACTIVE, timezone.now(), user
    plan.save(update_fields=["state", "approved_at", "approved_by"])
    return plan


@transaction.atomic
def decline(*, person_id: UUID, version: int, words: str = "") -> Plan:
    """The person does not want a proposed version: the plan that counts goes on. Twice is once.

    Raises:
        ApplicationError: there is no such proposal (any more).
    """
    plan = Plan.objects.select_for_update().filter(person_id=person_id, version=version).first()
    if plan is not None and plan.state == Plan.State.DECLINED:
        return plan
    is_followed = Plan.objects.filter(person_id=person_id, state=Plan.State.ACTIVE).exists()
    if plan is None or plan.state != Plan.State.DRAFT or not is_followed:
        raise ApplicationError("not_a_draft", _("This version is not a draft any more."))
    plan.state, plan.declined_at = Plan.State.DECLINED, timezone.now()
    plan.decline_reason_sealed = keys.seal_text(
        line_of(words, REASON_CHARACTERS), plan_binding(plan, "decline_reason"), person_id
    )
    plan.save(update_fields=["state", "declined_at", "decline_reason_sealed"])
    return plan


def require_staff(user: User) -> None:
    """Refuse everybody but counselling staff.

    Raises:
        ApplicationError: the account may not change people's plans.
    """
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can do this."))


def open_for_review(*, user: User, plan_id: UUID, reason: str) -> Access:
    """Write down who reads a plan and why, before a word of it is opened.

    Raises:
        ApplicationError: not counselling staff, or no reason.
    """
    require_staff(user)
    plan = Plan.objects.get(pk=plan_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ApplicationError("reason_needed", _("Please say why you open this plan. The person can see it."))
    return log_access(
        actor=user, person_id=plan.person_id, what=Access.What.PLAN, object_id=plan.pk, reason=reason.strip()
    )


@transaction.atomic
def edit_item_at_desk(*, user: User, plan_id: UUID, item_id: UUID, words: StepWords) -> PlanItem:
    """A counsellor changes a step of the plan they have open."""
    return edit_item(person_id=_person_of(user, plan_id, item_id), item_id=item_id, words=words, by=user)


@transaction.atomic
def remove_item_at_desk(*, user: User, plan_id: UUID, item_id: UUID) -> PlanItem:
    """A counsellor takes a step out of the plan they have open."""
    return remove_item(person_id=_person_of(user, plan_id, item_id), item_id=item_id)


def _person_of(user: User, plan_id: UUID, item_id: UUID) -> UUID:
    require_staff(user)
    item = PlanItem.objects.select_related("plan").filter(pk=item_id, plan_id=plan_id).first()
    if item is None:
        raise ApplicationError("not_found", _("This step is no longer in the plan."))
    return item.plan.person_id


@transaction.atomic
def edit_item(*, person_id: UUID, item_id: UUID, words: StepWords, by: User | None = None) -> PlanItem:
    """Change a step's words and minutes; what it said before is kept, and the reason it was chosen stays as it was.

    `by` is the counsellor who changes it; None where the person does.

    Raises:
        ApplicationError: the step is not (any more) in this person's plan, or a text does not fit.
    """
    item = step_of(person_id, item_id)
    checked = words.checked()
    if not keep_words(item, unless=checked, by=by):
        return item
    reseal(item, checked)
    item.edited_at = timezone.now()
    item.save(update_fields=["title_sealed", "details_sealed", "minutes", "edited_at"])
    touch(item.plan_id)
    return item


@transaction.atomic
def set_done(*, person_id: UUID, item_id: UUID, is_done: bool) -> PlanItem:
    """Tick a step off, or take the tick back; ticking twice keeps the first time."""
    item = step_of(person_id, item_id)
    if is_done != (item.done_at is not None):
        item.done_at = timezone.now() if is_done else None
        item.save(update_fields=["done_at"])
    return item


@transaction.atomic
def remove_item(*, person_id: UUID, item_id: UUID) -> PlanItem:
    """Take a step out of the plan; it can be put back. Twice is once."""
    item = step_of(person_id, item_id, may_be_removed=True)
    if item.removed_at is None:
        item.removed_at = timezone.now()
        item.save(update_fields=["removed_at"])
        touch(item.plan_id)
    return item


@transaction.atomic
def restore_item(*, person_id: UUID, item_id: UUID) -> PlanItem:
    """Put a removed step back where it was."""
    item = step_of(person_id, item_id, may_be_removed=True)
    item.removed_at, item.removal_reason_sealed = None, None
    item.save(update_fields=["removed_at", "removal_reason_sealed"])
    touch(item.plan_id)
    return item


@transaction.atomic
def add_item(*, person_id: UUID, item_id: UUID, words: StepWords) -> PlanItem:
    """Add a step of the person's own. `item_id` is made with the form, so sending it twice adds it once.

    Raises:
        ApplicationError: there is no plan yet, it is full, or a text does not fit.
    """
    shown = Plan.objects.select_for_update().filter(person_id=person_id, state__in=SHOWN).order_by("-version")
    # The approved plan is the one on the page; a newer draft waits beside it.
    plan = next((row for row in shown if row.state == Plan.State.ACTIVE), next(iter(shown), None))
    if plan is None:
        raise ApplicationError("no_plan", _("There is no plan to add to yet."))
    checked = words.checked()
    existing = PlanItem.objects.filter(pk=item_id, plan=plan).first()
    if existing:
        return existing
    if plan.items.filter(removed_at__isnull=True).count() >= MOST_STEPS:
        raise ApplicationError("full", _("A plan works best when it is small. Remove a step first."))
    last = plan.items.aggregate(last=Max("position"))["last"] or 0
    item = sealed_item(
        plan, last + 1, {"title": checked.title, "details": checked.details}, minutes=checked.minutes, pk=item_id
    )
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError as error:
        # The id is taken by a step of another plan: only a forged form does that.
        raise ApplicationError("not_found", _("This step is no longer in your plan.")) from error
    touch(plan.pk)
    return item


def touch(plan_id: UUID) -> None:
    """Note that a step of a plan is not what it was: who read it before has not read this."""
    Plan.objects.filter(pk=plan_id).update(revision=F("revision") + 1)


def step_of(person_id: UUID, item_id: UUID, *, may_be_removed: bool = False) -> PlanItem:
    """A step of this person's plan, locked until the transaction ends.

    Raises:
        ApplicationError: not_found, also where it belongs to somebody else or to an old version.
    """
    rows = PlanItem.objects.select_for_update(of=("self",)).select_related("plan")
    item = rows.filter(pk=item_id, plan__person_id=person_id).first()
    if item is None or item.plan.state not in SHOWN or (item.removed_at and not may_be_removed):
        raise ApplicationError("not_found", _("This step is no longer in your plan."))
    return item
