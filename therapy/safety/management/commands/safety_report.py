"""`manage.py safety_report --since 2026-01-01 --until 2027-01-01`: counts as JSON, for reports to authorities."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from therapy.safety import report


def day(text: str) -> datetime:
    """Midnight UTC of a date written as 2026-01-31."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Command(BaseCommand):
    """Print counts of a time; no personal data."""

    help = "Counts of crisis cards and alerts as JSON: no names, no words."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From and until, days in UTC."""
        parser.add_argument("--since", type=day, required=True)
        parser.add_argument("--until", type=day, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        found = report.counts(options["since"], options["until"])
        self.stdout.write(json.dumps(asdict(found), ensure_ascii=False, indent=2))
