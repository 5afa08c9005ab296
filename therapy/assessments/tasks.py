"""Celery's door to reminders."""

from celery import shared_task

from therapy.assessments import reminders


@shared_task
def sweep_reminders() -> None:
    """Send the reminders that are due to those who wish for them."""
    reminders.sweep()
