"""`manage.py gather_attention_rows OUT.npz`: rows for training from people who allowed it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from therapy.signals import rows

LEAST_PEOPLE = 20


class Command(BaseCommand):
    """Refuses where so few allowed it that a row would point at somebody."""

    help = "Write rows for `python -m ml.training attention --rows` from people who allow training. Keep the file safe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and how few people are too few."""
        parser.add_argument("out", type=Path)
        parser.add_argument(
            "--least", type=int, default=LEAST_PEOPLE, help="fewer people than this: nothing is written"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        found = rows.gather(rows.willing())
        count = 0 if found is None else len(set(found.person.tolist()))
        if found is None or count < options["least"]:
            raise CommandError(f"{count} people have rows and allow training; {options['least']} are needed")
        found.save(options["out"])
        self.stdout.write(f"{len(found)} rows of {count} people")
