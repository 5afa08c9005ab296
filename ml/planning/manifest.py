"""Renews `manifest.json` after the library was edited: `python -m ml.planning.manifest 2026.12.1`."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from ml.planning.library import FILES, FOLDER, LibraryError, load


def renew(version: str, folder: Path = FOLDER) -> None:
    """Write version and SHA-256 of every file, then read the library back.

    Raises:
        LibraryError: what was edited is not valid; the manifest is written all the same, the faults are to be mended.
    """
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    text = json.dumps({"version": version, "sha256": hashes}, indent=2)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    load(folder)


def main(arguments: list[str]) -> int:
    """Entry point; one argument, the new version."""
    if len(arguments) != 1:
        print("usage: python -m ml.planning.manifest VERSION", file=sys.stderr)
        return 2
    try:
        renew(arguments[0])
    except LibraryError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
