"""`manage.py rewrap_keys`: every person's data key under the newest key-encryption key, so that an old one can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import keys
from accounts.errors import KeyFault, SealBroken


class Command(BaseCommand):
    """Rewrap and say how many; safe to repeat, and to run while the system is in use."""

    help = "Wraps all data keys with the newest version in ATTUNE_KEKS. Sealed words stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rewrap all, then name the versions that nothing needs any more.

        Raises:
            CommandError: a key is missing or not the one that this database was sealed with.
        """
        try:
            keys.verify_keks()
            count = keys.rewrap_all()
        except (KeyFault, SealBroken) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Data keys rewrapped: {count}.")
        unused = ", ".join(map(str, keys.unused_versions()))
        if unused:
            self.stdout.write(f"No data key needs version {unused} now; older backups still do.")
