"""Secrets for development on one machine: made once, kept in `.local/secrets.env` (mode 0600).

Whoever loses the file loses the sealed words in the database: a copy belongs with the backups.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from therapy.core.local.files import locked, read_env, write_env


def development_secrets(local: Path) -> dict[str, str]:
    """SECRET_KEY and ATTUNE_KEKS (version 1 of the key-encryption key), those of the environment left out."""
    path = local / "secrets.env"
    with locked(local):
        kept = read_env(path)
        wanted = kept or {"SECRET_KEY": secrets.token_urlsafe(48), "ATTUNE_KEKS": f"1:{_random(32)}"}
        if "VAPID_PRIVATE_KEY" not in wanted:
            wanted = wanted | {"VAPID_PRIVATE_KEY": _push_key()}
        if wanted != kept:
            write_env(path, wanted)
        kept = wanted
    return {name: value for name, value in kept.items() if not os.environ.get(name)}


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _push_key() -> str:
    """A private key that signs web push: the number of a P-256 key, as 32 bytes in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
