"""Writes of the library: a version written, approved by somebody else, sent back, or an item taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.selectors import valid_credential
from ml.planning.records import Review
from therapy.core.errors import ApplicationError
from therapy.library import merging, selectors
from therapy.library.models import LibraryItem

SHORTEST_NOTE, NOTE_CHARACTERS = 5, 300
State = LibraryItem.State


class ItemFaults(ApplicationError):
    """A body that the field validation refuses. `faults`: one line each, with the field."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("faults", _("Some fields do not fit yet."))
        self.faults = faults


def may_edit(user: User) -> bool:
    """Supervisors and operators write and approve; other staff read."""
    return user.is_active and user.is_staff and (user.is_superuser or user.role in (Role.SUPERVISOR, Role.OPERATOR))


@transaction.atomic
def write(
    *, user: User, kind: str, key: str, body: Mapping[str, Any], note: str, seen_version: int | None = None
) -> LibraryItem:
    """Keep a new version as a draft; nothing that was written before is changed, a draft that waited is put aside.

    `seen_version` is the newest version when the page was opened: what a colleague wrote since must be seen first.

    Raises:
        ItemFaults: a field does not fit.
        ApplicationError: not allowed, no note, or a colleague was quicker.
    """
    _require_editor(user)
    _item, faults = merging.read(kind, key, body, selectors.whole_library(), Review("unreviewed"))
    if faults:
        raise ItemFaults(faults)
    note = _note(note)
    # The rows of the item are the lock; a new key has none, and its unique version decides.
    rows = list(LibraryItem.objects.select_for_update().filter(kind=kind, key=key).order_by("version"))
    newest = rows[-1].version if rows else 0
    if seen_version is not None and seen_version != newest:
        raise _stale()
    LibraryItem.objects.filter(kind=kind, key=key, state=State.DRAFT).update(
        state=State.REFUSED, decided_at=timezone.now(), decision_note=f"version {newest + 1}"
    )
    try:
        with transaction.atomic():
            return LibraryItem.objects.create(
                kind=kind, key=key, version=newest + 1, body=dict(body), note=note, author=user
            )
    except IntegrityError as error:
        raise _stale() from error


@transaction.atomic
def approve(*, user: User, item_id: UUID, read_as: str, note: str = "") -> LibraryItem:
    """A second person lets a draft count; from then on it stands over the library's files. Twice is once.

    Raises:
        ApplicationError: not allowed, one's own draft, no draft any more, or no certificate to read as a clinician.
    """
    _require_editor(user)
    row = _locked(item_id)
    if row.state == State.REVIEWED:
        return row
    if row.state != State.DRAFT:
        raise ApplicationError("not_a_draft", _("This version is not a draft any more."))
    if row.author_id is None or row.author_id == user.pk:
        raise ApplicationError("two_people", _("Somebody else than the author has to approve."))
    if read_as not in LibraryItem.ReadAs.values:
        raise ApplicationError("read_as", _("Please say as what you have read it."))
    if read_as == LibraryItem.ReadAs.CLINICIAN and valid_credential(user, timezone.now()) is None:
        raise ApplicationError("no_certificate", _("Only somebody with a valid certificate can read as a clinician."))
    _item, faults = merging.read(row.kind, row.key, row.body, selectors.whole_library(), Review("unreviewed"))
    if faults:
        # The library moved on since it was written: what it names is gone.
        raise ItemFaults(faults)
    row.read_as = read_as
    return _decided(row, State.REVIEWED, user, note)


@transaction.atomic
def send_back(*, user: User, item_id: UUID, note: str) -> LibraryItem:
    """A draft does not go in; it is kept with the reason. Its author may take it back as well.

    Raises:
        ApplicationError: not allowed, no reason, or no draft any more.
    """
    _require_editor(user)
    row = _locked(item_id)
    if row.state != State.DRAFT:
        raise ApplicationError("not_a_draft", _("This version is not a draft any more."))
    return _decided(row, State.REFUSED, user, _note(note))


@transaction.atomic
def take_out(*, user: User, kind: str, key: str, note: str) -> LibraryItem:
    """Use an item for nobody any more, at once: taking out is the safe side, so one person is enough.

    To bring it back, a new version is written and approved by two.

    Raises:
        ApplicationError: not allowed, no reason, or no such item.
    """
    _require_editor(user)
    note = _note(note)
    known = merging.items_of(selectors.whole_library(), kind).get(key)
    if known is None:
        raise ApplicationError("not_found", _("There is no such item."))
    rows = LibraryItem.objects.select_for_update().filter(kind=kind, key=key)
    newest = rows.order_by("version").last()
    if newest is not None and newest.state == State.RETIRED:
        return newest
    rows.filter(state=State.DRAFT).update(state=State.REFUSED, decided_at=timezone.now(), decision_note=note)
    version = (rows.aggregate(last=Max("version"))["last"] or 0) + 1
    row = LibraryItem(
        kind=kind, key=key, version=version, body=selectors.body_of(kind, key) or {}, note=note, author=user
    )
    return _decided(row, State.RETIRED, user, note)


def _decided(row: LibraryItem, state: str, user: User, note: str) -> LibraryItem:
    row.state, row.decided_by, row.decided_at = state, user, timezone.now()
    row.decision_note = note.strip()[:NOTE_CHARACTERS]
    row.save()
    transaction.on_commit(selectors.forget)
    selectors.forget()
    return row


def _locked(item_id: UUID) -> LibraryItem:
    row = LibraryItem.objects.select_for_update().filter(pk=item_id).first()
    if row is None:
        raise ApplicationError("not_found", _("There is no such item."))
    return row


def _require_editor(user: User) -> None:
    if not may_edit(user):
        raise ApplicationError("forbidden", _("Only supervisors and operators can change the library."))


def _note(note: str) -> str:
    note = " ".join(note.split())[:NOTE_CHARACTERS]
    if len(note) < SHORTEST_NOTE:
        raise ApplicationError("note", _("Please say in a few words what changes and why."))
    return note


def _stale() -> ApplicationError:
    return ApplicationError("stale", _("A colleague wrote a newer version meanwhile. Please look at it first."))
