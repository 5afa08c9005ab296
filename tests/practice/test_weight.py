"""The player's page stays light: everything it can load, compressed, is below 1 MB."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from therapy.practice.models import PracticeRun

MOST_BYTES = 1_000_000
BUNDLE_BYTES = 180_000
IMPORT = re.compile(r"""(?:from\s+|import\s*\(?\s*)["'](\./[^"']+)["']""")


def weight_of(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6))


def modules(path: Path, seen: set[Path]) -> set[Path]:
    """A module with everything it imports, at once or later."""
    if path not in seen:
        seen.add(path)
        if "vendor" not in path.parts:
            for name in IMPORT.findall(path.read_text(encoding="utf-8")):
                modules((path.parent / name).resolve(), seen)
    return seen


def test_the_whole_page_is_light(at_home: Client, begun: PracticeRun) -> None:
    html = at_home.get(f"/practice/run/{begun.pk}/").content
    files: set[Path] = set()
    for name in set(re.findall(r'(?:src|href)="/static/([^"#]+)', html.decode())):
        path = Path(str(finders.find(name))).resolve()
        files |= modules(path, set()) if path.suffix == ".js" else {path}
    names = {path.name for path in files}
    assert {"scene.js", "player.js", "heart.js", "core.css"} <= names
    assert any(name.startswith("three-") for name in names)
    weight = len(gzip.compress(html)) + sum(weight_of(path) for path in files)
    assert weight < MOST_BYTES, f"{weight} bytes"
    assert sum(weight_of(path) for path in files if path.name.startswith("three-")) < BUNDLE_BYTES
