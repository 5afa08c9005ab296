"""Notes of supervision: for a colleague and their supervisors, sealed, part of the colleague's own data."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.review.test_transcript import QUEUE
from tests.safety.conftest import CANARY
from therapy.core.errors import ApplicationError
from therapy.review import holder, supervision
from therapy.review.models import SupervisionNote

Browser = Callable[[User | None], Client]
PLACE = f"{QUEUE}supervision/"


def test_a_supervisor_writes_and_the_colleague_reads(browser: Browser, carol: User, grace: User) -> None:
    above = browser(grace)
    assert carol.username in above.get(PLACE).content.decode()
    above.post(f"{PLACE}{carol.pk}/", {"kind": "feedback", "text": CANARY})
    note = SupervisionNote.objects.get()
    assert CANARY.encode() not in bytes(note.text_sealed)
    assert supervision.unread_of(carol) == 1
    assert "not read yet" in above.get(f"{PLACE}{carol.pk}/").content.decode()
    body = browser(carol).get(PLACE).content.decode()
    assert CANARY in body
    assert "feedback on a case" in body
    assert supervision.unread_of(carol) == 0
    assert "not read yet" not in above.get(f"{PLACE}{carol.pk}/").content.decode()


def test_nobody_else_reads_it(browser: Browser, carol: User, dan: User, grace: User, bob: User) -> None:
    supervision.write(user=grace, about_id=carol.pk, kind="meeting", text=CANARY)
    assert browser(dan).get(f"{PLACE}{carol.pk}/").status_code == 404
    assert CANARY not in browser(dan).get(PLACE).content.decode()
    assert browser(bob).get(PLACE).status_code in (302, 403, 404)
    assert supervision.notes_for(dan, carol.pk) == []


def test_who_may_write_what(carol: User, dan: User, grace: User, bob: User) -> None:
    own = supervision.write(user=carol, about_id=carol.pk, kind="feedback", text="I asked too late")
    assert own.kind == SupervisionNote.Kind.REFLECTION
    assert own.read_at is not None
    for user, about, kind, text, code in (
        (carol, dan, "feedback", "words", "forbidden"),
        (grace, bob, "feedback", "words", "not_found"),
        (bob, carol, "feedback", "words", "not_found"),
        (grace, carol, "reflection", "words", "not_found"),
        (grace, carol, "feedback", "  ", "empty"),
        (grace, carol, "feedback", "a" * 4001, "too_long"),
    ):
        with pytest.raises(ApplicationError, match=code):
            supervision.write(user=user, about_id=about.pk, kind=kind, text=text)
    assert SupervisionNote.objects.count() == 1


def test_it_belongs_to_the_colleagues_own_data(carol: User, grace: User) -> None:
    supervision.write(user=grace, about_id=carol.pk, kind="meeting", text=CANARY)
    assert holder.export(carol.pk)["supervision"][0]["note"] == CANARY
    holder.erase(carol.pk)
    assert not SupervisionNote.objects.exists()
