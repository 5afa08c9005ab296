"""Celery's door to drafting. Arguments are ids only."""

from uuid import UUID

from celery import shared_task

from therapy.plans import drafting


@shared_task
def draft_plan(plan_id: str) -> None:
    """Draft one plan that was asked for, if nobody has."""
    drafting.draft(UUID(plan_id))


@shared_task
def sweep_drafts() -> None:
    """Draft every plan whose task was lost."""
    drafting.sweep()
