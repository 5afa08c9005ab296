"""One counsellor on one conversation: greyed for the others, over by itself, relieved by a supervisor only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.review.test_review import DECISION
from tests.review.test_transcript import QUEUE, REASON, open_with
from tests.safety.conftest import Raise
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.review import claims
from therapy.review.models import Claim, Review

Browser = Callable[[User | None], Client]


def test_opening_claims_and_colleagues_see_it_greyed(
    desk: Client, browser: Browser, raise_risk: Raise, dan: User
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    open_with(desk, flag_id)
    assert 'data-claimed-by="' in browser(dan).get(QUEUE).content.decode()
    refused = browser(dan).post(f"{QUEUE}{flag_id}/open/", {"reason": REASON})
    assert refused.status_code == 200
    assert "carol works on this conversation" in refused.content.decode()


def test_a_claim_ends_where_its_holder_goes_silent(
    desk: Client, browser: Browser, raise_risk: Raise, session: ChatSession, dan: User
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    open_with(desk, flag_id)
    Claim.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "data-claimed-by" not in desk.get(QUEUE).content.decode()
    assert "/read/" in open_with(browser(dan), flag_id)
    assert Claim.objects.get().user == dan
    assert desk.post(f"{QUEUE}session/{session.pk}/keep/").json() == {"held": False}


def test_working_holds_on_and_letting_go_frees(desk: Client, raise_risk: Raise, session: ChatSession) -> None:
    open_with(desk, raise_risk(RiskLevel.HIGH).flag_id)
    soon = timezone.now() + timedelta(minutes=1)
    Claim.objects.update(until=soon)
    assert desk.post(f"{QUEUE}session/{session.pk}/keep/").json() == {"held": True}
    assert Claim.objects.get().until > soon
    desk.post(f"{QUEUE}session/{session.pk}/release/")
    assert not Claim.objects.exists()


def test_only_a_supervisor_relieves(browser: Browser, raise_risk: Raise, carol: User, dan: User, grace: User) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    open_with(browser(carol), flag_id)
    for user, may in ((dan, False), (grace, True)):
        answer = browser(user).post(f"{QUEUE}{flag_id}/open/", {"reason": REASON, "relieve": "1"})
        assert (answer.status_code == 302) is may
    assert Claim.objects.get().user == grace


def test_who_lost_the_claim_cannot_decide(desk: Client, raise_risk: Raise, session: ChatSession, dan: User) -> None:
    reading = open_with(desk, raise_risk(RiskLevel.HIGH).flag_id)
    Claim.objects.update(user=dan)
    assert "dan works on this conversation" in desk.post(reading, DECISION).content.decode()
    assert not Review.objects.exists()


def test_a_decision_lets_the_claim_go(desk: Client, raise_risk: Raise) -> None:
    desk.post(open_with(desk, raise_risk(RiskLevel.HIGH).flag_id), DECISION)
    assert not Claim.objects.exists()


def test_presence_is_noted_by_doing_not_by_an_open_page(desk: Client, carol: User) -> None:
    desk.get("/desk/alerts/")
    assert claims.at_the_desk() == []
    desk.get("/desk/alerts/?active=1")
    assert claims.at_the_desk() == [carol]
    assert claims.at_the_desk(timezone.now() + timedelta(minutes=4)) == []


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_holds(session: ChatSession, carol: User, dan: User) -> None:
    def take(user: User) -> bool:
        try:
            return bool(claims.claim(user=user, session_id=session.pk))
        except ApplicationError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, (carol, dan))) == [False, True]
