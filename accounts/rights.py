"""Export and erasure by registration: each app that keeps something of a person registers a holder when ready."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise

from accounts import keys
from accounts.errors import KeyDestroyed
from accounts.models import Erasure, User

FORMAT = 1
# Where allauth keeps a sign-in that still waits for its second step.
_WAITING_KEY = "account_login"

Export = Callable[[UUID], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Holder:
    """One app's share of a person's data. `export` opens it; `erase` deletes it and says how many rows went."""

    name: str
    title: str | Promise
    models: tuple[type[models.Model], ...]
    export: Export
    erase: Callable[[UUID], int]


_holders: dict[str, Holder] = {}


def register_holder(
    name: str,
    models: Sequence[type[models.Model]],
    export: Export,
    erase: Callable[[UUID], int],
    *,
    title: str | Promise = "",
) -> None:
    """Register an app's share; call it from `AppConfig.ready`. The same name again replaces the earlier one."""
    _holders[name] = Holder(name=name, title=title or name, models=tuple(models), export=export, erase=erase)


def holders() -> tuple[Holder, ...]:
    """All holders, in the order they registered."""
    return tuple(_holders.values())


def export_person(person_id: UUID) -> dict[str, Any]:
    """Everything kept about a person, opened, as plain values."""
    parts: dict[str, Any] = {holder.name: dict(holder.export(person_id)) for holder in holders()}
    whole = {"product": "Attune", "format": FORMAT, "made_at": timezone.now(), **parts}
    # Through JSON once, so that both files that a person can download say the same.
    plain: dict[str, Any] = json.loads(json.dumps(whole, cls=DjangoJSONEncoder))
    return plain


def titles() -> dict[str, str]:
    """What each part of an export is called."""
    return {holder.name: str(holder.title) for holder in holders()}


@transaction.atomic
def erase_person(*, person_id: UUID) -> Erasure:
    """Destroy the data key, delete every row and session, keep a receipt that names nobody's words.

    The key goes first: should a copy of a row survive somewhere, nothing can open it.
    """
    user = User.objects.select_for_update().get(pk=person_id)
    try:
        keys.destroy(person_id)
    except KeyDestroyed:
        keys.forget_cached(person_id)
    counts = {holder.name: holder.erase(person_id) for holder in reversed(holders())}
    _end_sessions(person_id)
    user.delete()
    # The cache of opened keys is per process; it is dropped here again in case a reader filled it meanwhile.
    transaction.on_commit(lambda: keys.forget_cached(person_id))
    return Erasure.objects.create(person_id=person_id, rows=counts)


def _end_sessions(person_id: UUID) -> None:
    """Delete the sessions in every browser: the record of the sign-in holds the user name or the e-mail address."""
    names = {str(person_id), person_id.hex}
    for row in Session.objects.iterator(chunk_size=500):
        kept = row.get_decoded()
        waiting = kept.get(_WAITING_KEY) or {}
        if kept.get(SESSION_KEY) in names or waiting.get("user_pk") in names:
            row.delete()
