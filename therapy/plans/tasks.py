"""Celery's door to drafting, the weekly look and reminders. Arguments are ids only."""

from uuid import UUID

from celery import shared_task

from therapy.plans import drafting, reminding, reviewing


@shared_task
def draft_plan(plan_id: str) -> None:
    """Draft one plan that was asked for, if nobody has."""
    drafting.draft(UUID(plan_id))


@shared_task
def sweep_drafts() -> None:
    """Draft every plan whose task was lost."""
    drafting.sweep()


@shared_task
def review_plans() -> None:
    """Propose next versions where they are due."""
    reviewing.sweep()


@shared_task
def remind_of_steps() -> None:
    """Send the reminders that are owed."""
    reminding.sweep()
