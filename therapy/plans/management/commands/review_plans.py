"""`manage.py review_plans`: the weekly look at plans, for a machine without the beat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from therapy.plans import reviewing


class Command(BaseCommand):
    """Propose next versions of plans."""

    help = "Look at every approved plan that is a week old or has new scores, and propose the next version."

    def handle(self, *args: Any, **options: Any) -> None:
        """Once."""
        self.stdout.write(f"plans: {reviewing.sweep()} looked at")
