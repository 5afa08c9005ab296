"""A wish for a call: an alert to the desk, a notice with the sealed number, and honest words about who is there."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import rights
from accounts.models import User
from therapy.care import selectors, services
from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import messages_since
from therapy.core.errors import ApplicationError
from therapy.safety import selectors as safety
from therapy.safety.models import Alert

NUMBER = "+44 7700 900123"


def test_a_request_makes_an_alert_and_a_notice(alice: User, session: ChatSession) -> None:
    row = services.request_callback(person_id=alice.pk, number=NUMBER, when="evening")
    assert row.alert
    assert (row.alert.kind, row.alert.session_id, row.alert.status) == ("callback", session.pk, Alert.Status.PENDING)
    assert NUMBER.encode() not in bytes(row.number_sealed)
    notice = messages_since(session, 0)[-1]
    assert notice.role == Message.Role.SYSTEM
    assert NUMBER in notice.text
    assert safety.effective_level(alice.pk) == 0
    view = selectors.callback_of(alice.pk)
    assert view
    assert (view.number, view.is_taken, view.is_over) == (NUMBER, False, False)


def test_it_works_before_any_conversation(alice: User) -> None:
    assert services.request_callback(person_id=alice.pk, number=NUMBER, when="soon").alert
    assert ChatSession.objects.filter(person=alice).count() == 1


@pytest.mark.parametrize("number", ["", "no", "12", "<script>"])
def test_a_number_must_be_diallable(alice: User, number: str) -> None:
    with pytest.raises(ApplicationError):
        services.request_callback(person_id=alice.pk, number=number, when="soon")
    assert Alert.objects.count() == 0


def test_it_can_be_taken_back(alice: User) -> None:
    services.request_callback(person_id=alice.pk, number=NUMBER, when="soon")
    services.withdraw_callback(person_id=alice.pk)
    assert Alert.objects.get().resolved_at is not None
    assert selectors.callback_of(alice.pk) is None
    services.withdraw_callback(person_id=alice.pk)


def test_the_page_says_honestly_that_nobody_is_there(at_home: Client) -> None:
    html = at_home.get("/care/call-back/").content.decode()
    assert "Nobody is on duty now" in html
    assert at_home.post("/care/call-back/", {"number": NUMBER, "when": "soon"}).status_code == 302
    html = at_home.get("/care/call-back/").content.decode()
    assert "It waits for a counsellor" in html
    assert NUMBER in html
    at_home.post("/care/call-back/withdraw/")
    assert "It waits" not in at_home.get("/care/call-back/").content.decode()


def test_a_bad_number_is_said_at_the_field(at_home: Client) -> None:
    html = at_home.post("/care/call-back/", {"number": "x", "when": "soon"}).content.decode()
    assert "Please write a number" in html


def test_export_holds_it(alice: User) -> None:
    services.request_callback(person_id=alice.pk, number=NUMBER, when="soon")
    assert rights.export_person(alice.pk)["care"]["callbacks"][0]["number"] == NUMBER
    rights.erase_person(person_id=alice.pk)
