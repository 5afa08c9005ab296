"""Celery's door to what is tidied up about accounts."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that have run out: they hold the user name or the e-mail address of who signed in."""
    call_command("clearsessions")
