"""Makes the demo accounts of a development machine and prints how to log in, one JSON line each."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import demo


class Command(BaseCommand):
    """`manage.py seed_demo`; refuses wherever demo accounts are not allowed."""

    help = "Make the demo accounts (development only)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse or seed, then print."""
        if not getattr(settings, "DEMO_ACCOUNTS", False):
            raise CommandError(
                "demo accounts have known passwords and are only allowed where settings.DEMO_ACCOUNTS is on"
            )
        for account in demo.seed():
            self.stdout.write(json.dumps(asdict(account)))
