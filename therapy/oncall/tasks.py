"""Celery's door to the drill. Delivery has its own in `therapy.safety.tasks`."""

from celery import shared_task
from django.utils import timezone

from therapy.oncall import drill


@shared_task
def daily_drill() -> None:
    """Begin a drill where the last one is a day old."""
    drill.begin_if_due(timezone.now())
