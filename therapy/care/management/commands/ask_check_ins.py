"""`manage.py ask_check_ins`: ask the questions that are due, where no beat runs (for example from cron)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from therapy.care import checkins


class Command(BaseCommand):
    """One round over the check-ins that are due."""

    help = "Ask the check-ins that are due and send the mails owed; one round."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        self.stdout.write(f"asked {checkins.sweep()}")
