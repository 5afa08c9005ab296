"""`manage.py index_library`: makes every sentence vector of the search at once; the beat does it bit by bit."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from therapy.library import indexing


class Command(BaseCommand):
    """Index the library."""

    help = "Bring the search of the library up to date: words and sentence vectors."

    def handle(self, *args: Any, **options: Any) -> None:
        """Until nothing is left."""
        made = 0
        while done := indexing.make_vectors():
            made += done
        self.stdout.write(f"library: {made} texts read")
