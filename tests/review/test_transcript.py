"""A conversation is opened with a reason, written down where the person sees it, and only for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Access, User
from accounts.selectors import accesses_to
from accounts.services import update_profile
from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise, write
from therapy.chat import services as chat
from therapy.chat.models import ChatSession, Message
from therapy.observations import services as observations
from therapy.review import transcript
from therapy.safety.models import RiskFlag

Browser = Callable[[User | None], Client]
QUEUE = "/admin/safety/riskflag/"
REASON = "an alert came in at night"


def open_with(client: Client, flag_id: object, reason: str = REASON) -> str:
    """Give a reason; the address the desk sends to."""
    return str(client.post(f"{QUEUE}{flag_id}/open/", {"reason": reason}).headers.get("Location", ""))


def test_flag_page_shows_no_words(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    response = desk.get(f"{QUEUE}{flag_id}/change/")
    assert response.status_code == 200
    assert "zh.plan.1" in response.content.decode()
    assert CANARY not in response.content.decode()
    assert not Access.objects.exists()


@pytest.mark.parametrize("reason", ["", "   ", "x", "    x   "])
def test_without_a_reason_nothing_opens(desk: Client, raise_risk: Raise, reason: str) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    response = desk.post(f"{QUEUE}{flag_id}/open/", {"reason": reason})
    assert response.status_code == 200
    assert CANARY not in response.content.decode()
    assert not Access.objects.exists()


def test_reading_is_written_down_and_the_person_sees_it(
    desk: Client, raise_risk: Raise, alice: User, bob: User
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    response = desk.get(open_with(desk, flag_id))
    assert CANARY in response.content.decode().replace("</mark>", "").replace(
        '<mark class="desk-mark desk-mark--3 desk-mark--rule" title="zh.plan.1">', ""
    )
    assert response.headers["Cache-Control"] == "no-store"
    (seen,) = accesses_to(alice.pk)
    assert (seen.actor_name, seen.actor_role, seen.reason) == ("carol", "counsellor", REASON)
    assert accesses_to(bob.pk) == []
    assert REASON.encode() not in bytes(Access.objects.get().reason_sealed)


def test_reading_ends_after_half_an_hour(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    address = open_with(desk, flag_id)
    Access.objects.update(at=timezone.now() - timedelta(minutes=31))
    response = desk.get(address)
    assert (response.status_code, response.headers["Location"]) == (302, f"{QUEUE}{flag_id}/change/")


def test_reading_is_of_one_counsellor_and_one_session(
    desk: Client, raise_risk: Raise, browser: Browser, dan: User, alice: User
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    address = open_with(desk, flag_id)
    assert browser(dan).get(address).status_code == 302
    other = raise_risk(RiskLevel.HIGH, within=ChatSession.objects.create(person=alice)).flag_id
    assert desk.get(address.replace(str(flag_id), str(other))).status_code == 302


def test_evidence_is_marked_and_html_is_escaped(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH, text="<img src=x onerror=alert(1)> & <b>bold</b>").flag_id
    body = desk.get(open_with(desk, flag_id)).content.decode()
    assert "<img src=x" not in body
    mark = '<mark class="desk-mark desk-mark--3 desk-mark--rule" title="zh.plan.1">'
    assert f"{mark}&lt;img </mark>src=x onerror=alert(1)&gt; &amp;" in body


def test_the_words_that_drove_the_head_are_looked_for_at_the_first_reading(desk: Client, alice: User) -> None:
    """Screening names the message only; the reading finds the stretches and keeps their places."""
    talk = chat.open_session(person_id=alice.pk)
    text = "they would all be better off if I just faded out of the picture, I wrote the letters last night"
    chat.post_message(person_id=alice.pk, session_id=talk.pk, client_id=uuid4(), text=text)
    flag = RiskFlag.objects.get(session=talk)
    assert [item["rule"] for item in flag.evidence if item["source"] == "classifier"] == [
        f"head.{RiskLevel(flag.level).label}.unexplained"
    ]
    body = desk.get(open_with(desk, flag.pk)).content.decode()
    assert "desk-mark--head" in body
    flag.refresh_from_db()
    found = [item for item in flag.evidence if item["source"] == "classifier"]
    assert found
    assert all(not item["rule"].endswith("unexplained") for item in found)
    assert any(item["end"] - item["start"] < len(text) for item in found)


def test_reply_shows_how_it_was_made(desk: Client, raise_risk: Raise, session: ChatSession) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    reply = write(session, "I am here.", Message.Role.ASSISTANT)
    reply.provenance = {
        "engine": "companion",
        "model": "bank-3",
        "adapter": "",
        "versions": {"risk": "rules-1"},
        "ms": 41.5,
    }
    reply.save(update_fields=["provenance"])
    body = desk.get(open_with(desk, flag_id)).content.decode()
    for shown in ("companion", "bank-3", "versions.risk", "rules-1", "41.5"):
        assert shown in body


def test_emotion_stands_beside_the_message(desk: Client, raise_risk: Raise, alice: User) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    message = Message.objects.get()
    payload = {"label": "grief", "valence": -0.8, "arousal": 0.4, "scores": {}}
    observations.record(person_id=alice.pk, kind="emotion", payload=payload, source="test", message_id=message.pk)
    body = desk.get(open_with(desk, flag_id)).content.decode()
    assert "grief" in body
    assert "--place: 10%" in body


@pytest.mark.parametrize(
    ("spans", "pieces"),
    [
        ([], [("hello world", "")]),
        ([(0, 5, "a")], [("hello", "a"), (" world", "")]),
        ([(0, 7, "a"), (5, 11, "b")], [("hello", "a"), (" w", "a, b"), ("orld", "b")]),
        ([(-3, 99, "a")], [("hello world", "a")]),
        ([(4, 4, "a"), (9, 2, "b")], [("hello world", "")]),
    ],
)
def test_marks_may_overlap_and_stand_outside(spans: list[tuple[int, int, str]], pieces: list[tuple[str, str]]) -> None:
    evidence = [{"start": start, "end": end, "rule": rule, "level": 3} for start, end, rule in spans]
    found = transcript.mark("hello world", evidence)
    assert [(piece.text, piece.rules) for piece in found] == pieces
    assert "".join(piece.text for piece in found) == "hello world"


def test_times_called_utc_are_utc(desk: Client, raise_risk: Raise, carol: User) -> None:
    update_profile(person_id=carol.pk, time_zone="Asia/Kathmandu")
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    reading = desk.get(open_with(desk, flag_id)).content.decode()
    front = desk.get(f"{QUEUE}{flag_id}/change/").content.decode()
    assert f"Opened at {Access.objects.get().at:%H:%M} UTC" in reading
    assert f"{RiskFlag.objects.get().created_at:%Y-%m-%d %H:%M} UTC" in front
