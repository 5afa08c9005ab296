"""Celery's door to check-ins."""

from celery import shared_task

from therapy.care import checkins


@shared_task
def sweep_check_ins() -> None:
    """Ask every question that is due."""
    checkins.sweep()
