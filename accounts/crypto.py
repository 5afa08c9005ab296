"""Envelope encryption (AES-256-GCM): a data key per person, wrapped by a versioned key-encryption key (KEK).

Answers for bytes and for the KEKs of the settings; knows nothing of the database (see `accounts/keys.py`).
Sealed format: 1 byte version ‖ 12 bytes nonce ‖ ciphertext ‖ 16 bytes tag. AES-GCM after NIST SP 800-38D.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from accounts.errors import KeyMissing, SealBroken

FORMAT = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Binding:
    """What a sealed value belongs to; bound as associated data, so a value moved elsewhere cannot be opened."""

    table: str
    column: str
    row: UUID | str
    person: UUID | str

    def associated_data(self) -> bytes:
        """Unambiguous bytes of the four parts."""
        return "\x1f".join((self.table, self.column, str(self.row), str(self.person))).encode()


def around_row(table: str, column: str, person: UUID | str) -> tuple[bytes, bytes]:
    """What stands before and after the row in `Binding.associated_data`."""
    return f"{table}\x1f{column}\x1f".encode(), f"\x1f{person}".encode()


def seal(key: bytes, plaintext: bytes, associated_data: bytes) -> bytes:
    """Encrypt `plaintext` under a 32-byte `key`."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plaintext, associated_data)


def unseal(key: bytes, sealed: bytes, associated_data: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        SealBroken: wrong key, wrong binding, unknown format or changed bytes.
    """
    sealed = bytes(sealed)
    if sealed[:1] != FORMAT:
        raise SealBroken("unknown seal format")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, associated_data)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("a sealed value does not open with this key and binding") from error


def unseal_all(key: bytes, pairs: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Decrypt many (sealed, associated data) under one key, in their order; the cipher is set up once.

    Raises:
        SealBroken: as `unseal`, for any of them.
    """
    cipher, opened = AESGCM(key), []
    try:
        for sealed, associated_data in pairs:
            if sealed[:1] != FORMAT:
                raise SealBroken("unknown seal format")
            opened.append(cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], associated_data))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("a sealed value does not open with this key and binding") from error
    return opened


def new_data_key() -> bytes:
    """A fresh 32-byte data key."""
    return AESGCM.generate_key(bit_length=256)


def parse_keks(entries: Sequence[str]) -> dict[int, bytes]:
    """Read `version:base64` entries; 32 bytes each.

    Raises:
        KeyMissing: none given, or one is malformed.
    """
    keks: dict[int, bytes] = {}
    for entry in entries:
        version, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
            keks[int(version)] = key
        except (ValueError, binascii.Error) as error:
            raise KeyMissing("ATTUNE_KEKS must be version:base64 of 32 bytes, separated by commas") from error
        if len(key) != KEY_BYTES:
            raise KeyMissing(f"key-encryption key {version} must be 32 bytes, not {len(key)}")
    if not keks:
        raise KeyMissing("no key-encryption key: set ATTUNE_KEKS (see docs/operations.md)")
    return keks


@lru_cache(maxsize=4)
def _parse_cached(entries: tuple[str, ...]) -> Mapping[int, bytes]:
    return parse_keks(entries)


def keks() -> Mapping[int, bytes]:
    """The configured key-encryption keys by version."""
    return _parse_cached(tuple(settings.ATTUNE_KEKS))


def kek(version: int) -> bytes:
    """One key-encryption key.

    Raises:
        KeyMissing: this version is not configured.
    """
    try:
        return keks()[version]
    except KeyError as error:
        raise KeyMissing(f"key-encryption key version {version} is not configured in ATTUNE_KEKS") from error


def newest_version() -> int:
    """Version that wraps new data keys."""
    return max(keks())


def derive(label: str, *, version: int | None = None) -> bytes:
    """A 32-byte key for one purpose, derived from a KEK (HMAC-SHA-256 as a PRF, RFC 5869 expand step)."""
    chosen = newest_version() if version is None else version
    return hmac.new(kek(chosen), b"attune/" + label.encode() + b"\x01", hashlib.sha256).digest()
