"""Sends the reminders that are due: for installations without the beat, from a timer of the system."""

from typing import Any

from django.core.management.base import BaseCommand

from therapy.assessments import reminders


class Command(BaseCommand):
    """`manage.py send_reminders`: once an hour is enough; twice does no harm."""

    help = "Send the questionnaire reminders that are due to those who wish for mail or push."

    def handle(self, *args: Any, **options: Any) -> None:
        """Send and count."""
        self.stdout.write(f"reminders sent: {reminders.sweep()}")
