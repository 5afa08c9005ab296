"""Flagged or one's own, else an emergency that a supervisor looks at and the person sees (SE-05)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Access, Credential, User
from accounts.selectors import accesses_to
from ml.types import RiskLevel
from tests.review.test_review import DECISION
from tests.review.test_transcript import QUEUE, REASON, open_with
from tests.safety.conftest import CANARY, Raise, write
from therapy.chat.models import ChatSession
from therapy.review import cases
from therapy.review.models import BreakGlass
from therapy.safety import services as safety

Browser = Callable[[User | None], Client]
# Enough where one may read, too little for an emergency.
IDLE = "just looking"
EMERGENCY = "Their sister rang: nobody can reach them since noon."


@pytest.fixture
def quiet(session: ChatSession) -> ChatSession:
    """A conversation without any flag."""
    write(session)
    return session


def front(session: ChatSession) -> str:
    return f"{QUEUE}session/{session.pk}/open/"


@pytest.mark.parametrize("lack", ["second factor", "certificate", "assignment"])
def test_without_one_of_the_three_nothing_opens(
    lack: str, settings: Any, desk: Client, carol: User, quiet: ChatSession
) -> None:
    if lack == "second factor":
        settings.STAFF_MFA_REQUIRED = True
    if lack == "certificate":
        Credential.objects.filter(user=carol).update(valid_until=timezone.now().date() - timedelta(days=1))
    for reason in (IDLE, ""):
        answer = desk.post(front(quiet), {"reason": reason})
        assert answer.status_code == (200 if lack == "assignment" else 302)
        assert "/read/" not in answer.headers.get("Location", "")
        assert CANARY not in answer.content.decode()
    assert not Access.objects.exists()


def test_assigned_conversations_open_with_a_reason(desk: Client, carol: User, alice: User, quiet: ChatSession) -> None:
    cases.assign(user=carol, person_id=alice.pk, counsellor_id=carol.pk)
    page = desk.get(desk.post(front(quiet), {"reason": REASON}).headers["Location"]).content.decode()
    assert CANARY in page
    assert "Emergency opening" not in page


def test_an_emergency_opens_for_half_an_hour_with_a_banner_and_a_notice(
    desk: Client, carol: User, alice: User, grace: User, quiet: ChatSession, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=grace.pk).update(email="grace@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        place = desk.post(front(quiet), {"reason": EMERGENCY}).headers["Location"]
    page = desk.get(place).content.decode()
    assert CANARY in page
    assert "Emergency opening: a supervisor looks at it." in page
    assert accesses_to(alice.pk)[0].reason == EMERGENCY
    (notice,) = mail.outbox
    assert notice.to == ["grace@example.org"]
    assert EMERGENCY not in notice.subject + notice.body
    assert CANARY not in notice.body
    Access.objects.update(at=timezone.now() - timedelta(minutes=31))
    BreakGlass.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert desk.get(place).headers["Location"] == front(quiet)
    assert desk.post(front(quiet), {"reason": IDLE}).status_code == 200


def test_supervisors_look_at_emergencies_of_others(
    browser: Browser, desk: Client, grace: User, quiet: ChatSession
) -> None:
    desk.post(front(quiet), {"reason": EMERGENCY})
    glass = BreakGlass.objects.get()
    assert desk.get(f"{QUEUE}emergencies/").status_code == 404
    supervisor = browser(grace)
    assert EMERGENCY in supervisor.get(f"{QUEUE}emergencies/").content.decode()
    supervisor.post(f"{QUEUE}emergencies/", {"glass": str(glass.pk)})
    assert BreakGlass.objects.get().seen_by == grace
    assert supervisor.post(f"{QUEUE}emergencies/", {"glass": "rubbish"}).status_code == 404


def test_nobody_looks_at_their_own_emergency(browser: Browser, grace: User, quiet: ChatSession) -> None:
    supervisor = browser(grace)
    supervisor.post(front(quiet), {"reason": EMERGENCY})
    supervisor.post(f"{QUEUE}emergencies/", {"glass": str(BreakGlass.objects.get().pk)})
    assert BreakGlass.objects.get().seen_at is None


def test_closed_flags_open_to_their_reviewer_and_supervisors_only(
    desk: Client, browser: Browser, raise_risk: Raise, dan: User, grace: User
) -> None:
    flag_id = raise_risk(RiskLevel.MODERATE).flag_id
    desk.post(open_with(desk, flag_id), DECISION | {"level_given": "2"})
    assert "/read/" in open_with(desk, flag_id)
    assert "/read/" not in open_with(browser(dan), flag_id)
    assert "/read/" in open_with(browser(grace), flag_id)


def test_a_case_page_shows_no_words_and_not_to_everybody(
    desk: Client, browser: Browser, raise_risk: Raise, alice: User, dan: User, session: ChatSession
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    body = desk.get(f"{QUEUE}case/{alice.pk}/").content.decode()
    assert "Time line" in body
    assert CANARY not in body
    assert alice.username not in body
    assert flag_id
    safety.close_flags(flag_ids=[flag_id])
    assert browser(dan).get(f"{QUEUE}case/{alice.pk}/").status_code == 404
    assert desk.get(f"{QUEUE}case/{dan.pk}/").status_code == 404


def test_clients_and_operators_find_none_of_the_pages(
    browser: Browser, alice: User, oscar: User, quiet: ChatSession
) -> None:
    some = [f"{QUEUE}{name}/" for name in ("tasks", "team", "emergencies", "second-looks", "sample", "report")]
    for user in (alice, oscar):
        for place in [*some, front(quiet), f"{QUEUE}case/{alice.pk}/", f"{QUEUE}report.csv"]:
            assert browser(user).get(place).status_code == 404, place
