"""Tokens of devices: made once, shown once, kept only as a digest, good for the kinds that were chosen."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from therapy.core.errors import ApplicationError
from therapy.signals.kinds import KINDS
from therapy.signals.models import DeviceToken
from therapy.signals.selectors import device_binding

PREFIX = "att_"
MOST_DEVICES = 10
_NAME_CHARACTERS = 60


def digest(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def make(*, person_id: UUID, name: str, scopes: Collection[str]) -> str:
    """A new token, to be shown once.

    Raises:
        ApplicationError: no kind or an unknown one was chosen, or there are too many devices.
    """
    chosen = sorted(set(scopes) & set(KINDS))
    if not chosen or len(chosen) != len(set(scopes)):
        raise ApplicationError("scopes", _("Choose at least one kind that this device may send."))
    if DeviceToken.objects.filter(person_id=person_id, revoked_at=None).count() >= MOST_DEVICES:
        raise ApplicationError("too_many", _("You have ten devices. Take one away first."))
    token = PREFIX + secrets.token_urlsafe(32)
    row = DeviceToken(id=uuid4(), person_id=person_id, digest=digest(token), scopes=chosen)
    row.name_sealed = keys.seal_text(name.strip()[:_NAME_CHARACTERS], device_binding(row), person_id)
    row.save(force_insert=True)
    return token


def revoke(*, person_id: UUID, device_id: UUID) -> bool:
    """Take a device's token away; False where there is none such of this person."""
    rows = DeviceToken.objects.filter(pk=device_id, person_id=person_id, revoked_at=None)
    return rows.update(revoked_at=timezone.now()) == 1


def holder_of(token: str) -> DeviceToken | None:
    """The device whose token this is; None where it is unknown, taken away, or its person may not be here."""
    if not token.startswith(PREFIX) or len(token) > 80:
        return None
    row = DeviceToken.objects.filter(digest=digest(token), revoked_at=None, person__is_active=True).first()
    now = timezone.now()
    if row is not None and (row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1)):
        DeviceToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row
