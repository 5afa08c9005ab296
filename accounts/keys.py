"""Opening and closing a person's data key, and sealing text with it: the door that every app uses."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import crypto
from accounts.crypto import Binding
from accounts.errors import KeyDestroyed, KeyWrong, SealBroken
from accounts.models import DataKey, KeyCheck

# Opened keys stay in this process for a short while: a wrapped key costs one query, a destroyed one must die soon.
_CACHE_SECONDS = 30.0
_CACHE_SIZE = 2048
_WRONG = (
    "key-encryption key {version} is not the one this database was sealed with: nothing could be read. "
    "Restore the right key in ATTUNE_KEKS; do not start with a new one."
)
_cache: OrderedDict[UUID, tuple[float, bytes]] = OrderedDict()
_lock = threading.Lock()


def _wrap_binding(person_id: UUID) -> bytes:
    return Binding("accounts_datakey", "wrapped", person_id, person_id).associated_data()


def data_key(person_id: UUID) -> bytes:
    """The person's 32-byte data key; made at first need.

    Raises:
        KeyDestroyed: the person had it destroyed.
        KeyMissing, SealBroken: the KEK is not there or not the right one.
    """
    now = time.monotonic()
    with _lock:
        cached = _cache.get(person_id)
        if cached and cached[0] > now:
            return cached[1]
    key = _open(DataKey.objects.filter(person_id=person_id).first() or _create(person_id))
    # Within a transaction the row may yet be rolled back; a key remembered without its row would seal what nobody can
    # open again. After a commit, or at once outside of one, it is safe.
    transaction.on_commit(lambda: _remember(person_id, key))
    return key


def _remember(person_id: UUID, key: bytes) -> None:
    with _lock:
        _cache[person_id] = (time.monotonic() + _CACHE_SECONDS, key)
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)


def _open(row: DataKey) -> bytes:
    if row.wrapped is None:
        raise KeyDestroyed("the data key of this person was destroyed")
    return crypto.unseal(crypto.kek(row.kek_version), bytes(row.wrapped), _wrap_binding(row.person_id))


def _create(person_id: UUID) -> DataKey:
    version = crypto.newest_version()
    wrapped = crypto.seal(crypto.kek(version), crypto.new_data_key(), _wrap_binding(person_id))
    try:
        with transaction.atomic():
            return DataKey.objects.create(person_id=person_id, wrapped=wrapped, kek_version=version)
    except IntegrityError:
        return DataKey.objects.get(person_id=person_id)


def forget_cached(person_id: UUID | None = None) -> None:
    """Drop opened keys of this process: one person's, or all."""
    with _lock:
        if person_id is None:
            _cache.clear()
        else:
            _cache.pop(person_id, None)


def destroy(person_id: UUID) -> None:
    """Destroy the person's data key: nothing sealed of theirs can be read again, in this process at once."""
    data_key(person_id)
    DataKey.objects.filter(person_id=person_id).update(wrapped=None, destroyed_at=timezone.now())
    forget_cached(person_id)
    # Within a transaction, `data_key` above remembers at the commit: forget after that.
    transaction.on_commit(lambda: forget_cached(person_id))


def rewrap(row: DataKey, *, version: int) -> None:
    """Wrap a data key with another KEK version; sealed rows stay as they are (PR-02), and what is destroyed too."""
    sealed = crypto.seal(crypto.kek(version), _open(row), _wrap_binding(row.person_id))
    unchanged = DataKey.objects.filter(pk=row.pk, kek_version=row.kek_version, wrapped__isnull=False)
    unchanged.update(wrapped=sealed, kek_version=version)


def rewrap_all() -> int:
    """Wrap every data key with the newest KEK version; returns how many were under an older one.

    Raises:
        KeyMissing, SealBroken: an old version is not there, or is not the right one.
    """
    newest = crypto.newest_version()
    rows = DataKey.objects.filter(wrapped__isnull=False).exclude(kek_version=newest)
    count = 0
    for row in rows.iterator():
        rewrap(row, version=newest)
        count += 1
    return count


def unused_versions() -> list[int]:
    """Configured KEK versions, but the newest, that no data key is wrapped with."""
    used = set(DataKey.objects.filter(wrapped__isnull=False).values_list("kek_version", flat=True).distinct())
    return sorted(set(crypto.keks()) - used - {crypto.newest_version()})


def seal_text(text: str, binding: Binding, person_id: UUID) -> bytes:
    """Seal `text` with the person's data key, bound to a table, column and row."""
    # Lone surrogates come from broken input; they are kept, so that nothing acknowledged is changed.
    return crypto.seal(data_key(person_id), text.encode("utf-8", "surrogatepass"), binding.associated_data())


def unseal_text(sealed: bytes | memoryview | None, binding: Binding, person_id: UUID) -> str:
    """Open what `seal_text` made; an empty column reads as an empty string."""
    if sealed is None:
        return ""
    return crypto.unseal(data_key(person_id), bytes(sealed), binding.associated_data()).decode("utf-8", "surrogatepass")


def unseal_column(
    table: str, column: str, rows: Iterable[tuple[UUID, bytes | memoryview]], person_id: UUID
) -> list[str]:
    """Open a column of many rows of one person at once, in their order: for charts over thousands of them."""
    # The same bytes as `Binding.associated_data`, with the parts that do not change put together once.
    before, after = crypto.around_row(table, column, person_id)
    pairs = ((bytes(sealed), b"%b%b%b" % (before, str(row).encode(), after)) for row, sealed in rows)
    return [text.decode("utf-8", "surrogatepass") for text in crypto.unseal_all(data_key(person_id), pairs)]


def _try_on_one_person(version: int) -> None:
    """A key that this database has not met yet must open a data key wrapped under its version, if there is one."""
    row = DataKey.objects.filter(kek_version=version, wrapped__isnull=False).first()
    if row is None:
        return
    try:
        _open(row)
    except SealBroken as error:
        raise KeyWrong(_WRONG.format(version=version)) from error


def verify_keks() -> None:
    """Compare each configured KEK with what this database remembers of it; remember new ones.

    Raises:
        KeyMissing: none is configured, or a version that data keys still need is not.
        KeyWrong: a configured key is not the one that sealed this database.
    """
    known = dict(KeyCheck.objects.values_list("version", "digest"))
    for version in crypto.keks():
        digest = hashlib.sha256(crypto.derive("key-check", version=version)).hexdigest()
        if version not in known:
            _try_on_one_person(version)
            KeyCheck.objects.get_or_create(version=version, defaults={"digest": digest})
        elif not hmac.compare_digest(known[version], digest):
            raise KeyWrong(_WRONG.format(version=version))
    for version in DataKey.objects.filter(wrapped__isnull=False).values_list("kek_version", flat=True).distinct():
        crypto.kek(version)


__all__ = [
    "Binding",
    "SealBroken",
    "data_key",
    "destroy",
    "forget_cached",
    "rewrap",
    "rewrap_all",
    "seal_text",
    "unseal_column",
    "unseal_text",
    "unused_versions",
    "verify_keks",
]
