"""Celery's door to delivery. Arguments are ids only."""

from uuid import UUID

from celery import shared_task

from therapy.safety import delivery


@shared_task
def deliver_alert(alert_id: str) -> None:
    """Deliver one alert if it is due and nobody else has claimed it."""
    delivery.deliver(UUID(alert_id))


@shared_task
def sweep_alerts() -> None:
    """Deliver every alert that is due."""
    delivery.sweep()
