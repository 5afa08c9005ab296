"""Celery's door to delivery. Arguments are ids only."""

from uuid import UUID

from celery import shared_task

from therapy.safety import delivery


@shared_task
def deliver_alert(alert_id: str) -> None:
    """Move one alert on and send what nobody else has claimed."""
    delivery.deliver(UUID(alert_id))


@shared_task
def sweep_alerts() -> None:
    """Run the timers of all alerts and send every message that is due."""
    delivery.sweep(patience=4.0)
