"""Writes of memory: what is noticed, what a person adds, changes, deletes, and whether anything is remembered."""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.models import Consent, User
from accounts.services import decide_consents
from ml.types import Language
from therapy.core.errors import ApplicationError
from therapy.memory import noticing, wording
from therapy.memory.models import Forgotten, Memory, SummedUp
from therapy.memory.noticing import Noticed, Summary
from therapy.memory.selectors import MemoryView, may_remember, memories_of, memory_binding, open_memory

# Nobody can look through more; then nothing more is noticed until something is deleted.
MOST = 200


@transaction.atomic
def notice(
    *, person_id: UUID, session_id: UUID, message_id: UUID, text: str, language: Language, said_at: datetime
) -> int:
    """Keep what one message says that may be kept; returns how many things. Nothing without the person's yes.

    The caller has made sure that the message speaks of no danger.
    """
    things = noticing.notice(text, language)
    if not things or not may_remember(person_id):
        return 0
    _lock(person_id)
    known = memories_of(person_id)
    kept = 0
    for thing in things:
        if len(known) + kept >= MOST or not _is_new(person_id, session_id, thing, known):
            continue
        origin = Memory.Origin.ASKED if thing.is_asked else Memory.Origin.NOTICED
        row = Memory(id=uuid4(), person_id=person_id, kind=thing.kind, origin=origin, said_at=said_at)
        row.session_id, row.message_id = session_id, message_id
        _seal(row, thing.text, thing.slot)
        row.save(force_insert=True)
        kept += 1
    return kept


def _is_new(person_id: UUID, session_id: UUID, thing: Noticed, known: Iterable[MemoryView]) -> bool:
    """Whether a thing is to be kept: not known, not deleted before. What it takes the place of goes."""
    if any(_folded(view.text) == _folded(thing.text) for view in known):
        return False
    digests = _digests(person_id, thing.text, thing.slot, session_id)
    deleted = Forgotten.objects.filter(person_id=person_id, digest__in=digests)
    if thing.is_asked:
        deleted.delete()
    elif deleted.exists():
        return False
    if thing.slot in noticing.SINGLE:
        earlier = [view for view in known if view.slot == thing.slot]
        if not thing.is_asked and any(view.edited_at for view in earlier):
            return False
        Memory.objects.filter(person_id=person_id, pk__in=[view.id for view in earlier]).delete()
    return True


@transaction.atomic
def keep_summary(
    *, person_id: UUID, session_id: UUID, up_to_seq: int, summary: Summary, language: Language, said_at: datetime
) -> bool:
    """Keep the summary of a conversation in place of an earlier one of it; False where there is none to keep.

    One that the person changed stays as they wrote it; one that they deleted does not come back.
    """
    if not may_remember(person_id):
        return False
    _lock(person_id)
    mark, _new = SummedUp.objects.get_or_create(session_id=session_id, defaults={"person_id": person_id})
    SummedUp.objects.filter(pk=mark.pk).update(up_to_seq=max(up_to_seq, mark.up_to_seq))
    mine = Memory.objects.filter(person_id=person_id, session_id=session_id, kind=Memory.Kind.SUMMARY)
    if mark.is_unwanted or summary.is_empty or mine.filter(edited_at__isnull=False).exists():
        return False
    mine.delete()
    row = Memory(id=uuid4(), person_id=person_id, kind=Memory.Kind.SUMMARY, origin=Memory.Origin.SUMMED_UP)
    row.session_id, row.said_at = session_id, said_at
    _seal(row, wording.summary_text(summary, language), "")
    row.save(force_insert=True)
    return True


@transaction.atomic
def add(*, person_id: UUID, kind: str, text: str) -> Memory:
    """Keep something the person writes down themselves.

    Raises:
        ApplicationError: empty, too long, switched_off, full.
    """
    text = wording.checked(text)
    if not may_remember(person_id):
        raise ApplicationError("switched_off", _("Remembering is switched off. Switch it on first."))
    _lock(person_id)
    if Memory.objects.filter(person_id=person_id).count() >= MOST:
        raise ApplicationError("full", _("There is room for 200 things. Please delete one first."))
    kind = kind if kind in (Memory.Kind.FACT, Memory.Kind.PREFERENCE) else Memory.Kind.FACT
    row = Memory(id=uuid4(), person_id=person_id, kind=kind, origin=Memory.Origin.WRITTEN, said_at=timezone.now())
    _seal(row, text, "")
    row.save(force_insert=True)
    return row


@transaction.atomic
def edit(*, person_id: UUID, memory_id: UUID, text: str) -> None:
    """Put the person's words in place of what was kept.

    Raises:
        ApplicationError: not_found, empty, too_long.
    """
    text = wording.checked(text)
    row = _own(person_id, memory_id)
    view = open_memory(row)
    if view.text == text:
        return
    _forget(view, person_id)
    _seal(row, text, view.slot)
    row.edited_at = timezone.now()
    row.save(update_fields=["body_sealed", "edited_at"])


@transaction.atomic
def delete(*, person_id: UUID, memory_id: UUID) -> bool:
    """Delete one thing; it is not noticed again by itself.

    The summary of the conversation that it came from may tell the same in other words: it goes too, unless the person
    wrote it, and is not made again. Returns whether a summary went.

    Raises:
        ApplicationError: not_found.
    """
    row = _own(person_id, memory_id)
    _forget(open_memory(row), person_id)
    row.delete()
    if row.session_id is None or row.kind == Memory.Kind.SUMMARY:
        return False
    SummedUp.objects.update_or_create(
        session_id=row.session_id,
        defaults={"is_unwanted": True},
        create_defaults={"person_id": person_id, "is_unwanted": True},
    )
    same = Memory.objects.filter(person_id=person_id, session_id=row.session_id, kind=Memory.Kind.SUMMARY)
    return bool(same.filter(edited_at=None).delete()[0])


@transaction.atomic
def delete_all(*, person_id: UUID) -> int:
    """Delete everything remembered; returns how much it was."""
    _lock(person_id)
    for view in memories_of(person_id):
        _forget(view, person_id)
    SummedUp.objects.filter(person_id=person_id).update(is_unwanted=True)
    Forgotten.objects.update_or_create(person_id=person_id, digest=Forgotten.ALL, defaults={"at": timezone.now()})
    return Memory.objects.filter(person_id=person_id).delete()[0]


@transaction.atomic
def switch(*, person_id: UUID, is_on: bool) -> None:
    """Allow remembering or no longer allow it. Switched off, nothing kept reaches a reply, at once."""
    decide_consents(person_id=person_id, decisions={Consent.Purpose.MEMORY: is_on})


def _own(person_id: UUID, memory_id: UUID) -> Memory:
    row = Memory.objects.select_for_update().filter(pk=memory_id, person_id=person_id).first()
    if row is None:
        raise ApplicationError("not_found", _("This is no longer here."))
    return row


def _lock(person_id: UUID) -> None:
    """One change of a person's memory at a time: two messages at once do not keep the same thing twice."""
    User.objects.select_for_update(no_key=True).get(pk=person_id)


def _seal(row: Memory, text: str, slot: str) -> None:
    body = json.dumps({"text": text, "slot": slot}, ensure_ascii=False)
    row.body_sealed = keys.seal_text(body, memory_binding(row), row.person_id)


def _forget(view: MemoryView, person_id: UUID) -> None:
    """Leave digests of something deleted, so that it is not noticed again; a summary is not made again."""
    if view.kind == Memory.Kind.SUMMARY:
        SummedUp.objects.filter(session_id=view.session_id).update(is_unwanted=True)
        return
    digests = _digests(person_id, view.text, view.slot, view.session_id)
    rows = [Forgotten(person_id=person_id, digest=digest) for digest in digests]
    Forgotten.objects.bulk_create(rows, ignore_conflicts=True)


def _digests(person_id: UUID, text: str, slot: str, session_id: UUID | None) -> list[str]:
    """The same words anywhere and, of what one has only one of, any words for it in the same conversation."""
    subjects = [f"text|{_folded(text)}"]
    if slot in noticing.SINGLE and session_id:
        subjects.append(f"slot|{slot}|{session_id}")
    key = hmac.new(keys.data_key(person_id), b"memory/forgotten", hashlib.sha256).digest()
    return [hmac.new(key, subject.encode("utf-8", "replace"), hashlib.sha256).hexdigest() for subject in subjects]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split()).rstrip(".。!！")
