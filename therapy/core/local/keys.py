"""Secrets for development on one machine: made once, kept in `.local/secrets.env` (mode 0600).

Whoever loses the file loses the sealed words in the database: a copy belongs with the backups.
"""

import base64
import os
import secrets
from pathlib import Path

from therapy.core.local.files import locked, read_env, write_env


def development_secrets(local: Path) -> dict[str, str]:
    """SECRET_KEY and ATTUNE_KEKS (version 1 of the key-encryption key), those of the environment left out."""
    path = local / "secrets.env"
    with locked(local):
        kept = read_env(path)
        if not kept:
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            kept = {"SECRET_KEY": secrets.token_urlsafe(48), "ATTUNE_KEKS": f"1:{key}"}
            write_env(path, kept)
    return {name: value for name, value in kept.items() if not os.environ.get(name)}
