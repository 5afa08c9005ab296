"""Compiles our .po files to .mo in pure Python, so that a machine without gettext can run the product in Chinese."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand


def compile_catalogue(source: Path) -> bool:
    """Write the .mo beside a .po if that is newer; says whether anything was written."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return False
    with source.open("rb") as lines:
        catalogue = read_po(lines)
    # Written aside and renamed: a server that is starting meanwhile never reads half a file.
    aside = target.with_suffix(f".{os.getpid()}.part")
    with aside.open("wb") as out:
        write_mo(out, catalogue)
    aside.replace(target)
    return True


def catalogues() -> list[Path]:
    """The .po files of the product: the shared ones and those of our own apps, none of a library's."""
    places = {Path(place) for place in settings.LOCALE_PATHS}
    places |= {
        Path(app.path) / "locale" for app in apps.get_app_configs() if app.name.startswith(("accounts", "therapy"))
    }
    return sorted(po for place in places for po in place.glob("*/LC_MESSAGES/*.po"))


class Command(BaseCommand):
    """`manage.py compile_translations`: needed after a change of a .po file, and once after a checkout."""

    help = "Compile the translations (.po to .mo) without gettext."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile every catalogue that changed."""
        sources = catalogues()
        written = sum(compile_catalogue(source) for source in sources)
        self.stdout.write(f"translations: {len(sources)} catalogues, {written} compiled")
