"""Reads of care: a person's plan, their requests for a call, their check-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts import keys
from accounts.crypto import Binding
from therapy.care import plan
from therapy.care.models import Callback, CheckIn, CheckInWish, SafetyPlan


@dataclass(frozen=True, slots=True)
class CallbackView:
    """A request for a call, opened for the person or for the counsellor who has logged the reading."""

    id: UUID
    number: str
    when: str
    created_at: datetime
    is_taken: bool
    is_over: bool


def plan_binding(row: SafetyPlan) -> Binding:
    """Where a sealed plan belongs."""
    return Binding("care_safetyplan", "body_sealed", row.pk, row.person_id)


def callback_binding(row: Callback) -> Binding:
    """Where a sealed number belongs."""
    return Binding("care_callback", "number_sealed", row.pk, row.person_id)


def open_plan(person_id: UUID) -> plan.PlanView:
    """The person's plan; an empty one where none was written. For staff: log the reading first."""
    row = SafetyPlan.objects.filter(person_id=person_id).first()
    if row is None:
        return plan.PlanView()
    words = plan.from_json(keys.unseal_text(row.body_sealed, plan_binding(row), person_id))
    return plan.PlanView(words, row.updated_at)


def callback_of(person_id: UUID) -> CallbackView | None:
    """The newest request for a call that was not withdrawn. For staff: log the reading first."""
    row = (
        Callback.objects.filter(person_id=person_id, withdrawn_at=None)
        .select_related("alert")
        .order_by("-created_at")
        .first()
    )
    if row is None:
        return None
    alert = row.alert
    return CallbackView(
        id=row.pk,
        number=keys.unseal_text(row.number_sealed, callback_binding(row), person_id),
        when=str(row.get_when_display()),
        created_at=row.created_at,
        is_taken=alert is not None and alert.acknowledged_at is not None,
        is_over=alert is None or alert.resolved_at is not None,
    )


def wish_of(person_id: UUID) -> CheckInWish:
    """What the person said about check-ins; asked in the conversation and without mail until they say otherwise."""
    return CheckInWish.objects.filter(person_id=person_id).first() or CheckInWish(person_id=person_id)


def waiting_check_in(person_id: UUID) -> CheckIn | None:
    """The question that is still to come."""
    return CheckIn.objects.filter(person_id=person_id, state=CheckIn.State.WAITING).first()


def asked_check_in(person_id: UUID) -> CheckIn | None:
    """The newest question that was asked and has no answer yet."""
    return CheckIn.objects.filter(person_id=person_id, state=CheckIn.State.ASKED).order_by("-asked_at").first()
