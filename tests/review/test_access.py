"""Who finds what: counselling staff their desk, everybody else nothing; operators see accounts and no words."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import Access, User
from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise

Browser = Callable[[User | None], Client]
QUEUE = "/admin/safety/riskflag/"


def addresses(flag_id: object) -> list[str]:
    some = uuid4()
    return [
        QUEUE,
        f"{QUEUE}{flag_id}/change/",
        f"{QUEUE}{flag_id}/open/",
        f"{QUEUE}{flag_id}/take/",
        f"{QUEUE}{flag_id}/read/{some}/",
        f"{QUEUE}hotlines/",
        "/desk/alerts/",
        f"/desk/alerts/{some}/take/",
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_client_finds_nothing(raise_risk: Raise, browser: Browser, alice: User, method: str) -> None:
    client = browser(alice)
    for address in addresses(raise_risk(RiskLevel.HIGH).flag_id):
        assert getattr(client, method)(address).status_code in (404, 405), address
    assert client.get("/admin/").status_code == 404
    assert client.get("/admin/login/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_is_sent_to_the_door_or_finds_nothing(raise_risk: Raise, browser: Browser, method: str) -> None:
    eve = browser(None)
    for address in addresses(raise_risk(RiskLevel.HIGH).flag_id):
        response = getattr(eve, method)(address)
        assert response.status_code in (302, 401, 405), address
        if response.status_code == 302:
            door = eve.get(response.headers["Location"])
            assert door.headers["Location"].startswith("/accounts/login/?next=/admin/safety/")
    assert not Access.objects.exists()


def test_operator_sees_no_flags_and_no_words(raise_risk: Raise, browser: Browser, oscar: User, alice: User) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    client = browser(oscar)
    for address in addresses(flag_id):
        assert client.get(address).status_code in (403, 404, 405), address
    body = client.get("/admin/").content.decode() + client.get("/admin/accounts/user/").content.decode()
    assert client.get("/admin/").status_code == 200
    assert CANARY not in body
    assert "alice" not in body
    assert str(alice.pk)[:8] in body


def test_operator_sees_of_a_client_only_that_the_account_exists(browser: Browser, oscar: User, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    client = browser(oscar)
    body = client.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    assert "alice" not in body
    assert client.get(f"/admin/accounts/user/{alice.pk}/password/").status_code == 403
    client.post(f"/admin/accounts/user/{alice.pk}/change/", {"role": "counsellor", "is_staff": "on"})
    alice.refresh_from_db()
    assert (alice.role, alice.is_staff) == ("client", False)


@pytest.mark.parametrize(
    "lookup", ["username=alice", "username__startswith=a", "email__contains=example", "profile__name_sealed=x"]
)
def test_operator_cannot_find_out_who_a_client_is(browser: Browser, oscar: User, alice: User, lookup: str) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    answer = browser(oscar).get(f"/admin/accounts/user/?{lookup}")
    assert answer.status_code != 200
    assert str(alice.pk)[:8] not in answer.content.decode()
    assert browser(oscar).get("/admin/accounts/user/?role__exact=client&is_active__exact=1").status_code == 200


def test_switching_an_account_off_is_logged_by_id(browser: Browser, oscar: User, alice: User) -> None:
    chosen = {"action": "deactivate", "_selected_action": [str(alice.pk), str(oscar.pk)]}
    browser(oscar).post("/admin/accounts/user/", chosen)
    alice.refresh_from_db()
    oscar.refresh_from_db()
    assert (alice.is_active, oscar.is_active) == (False, True)
    assert list(LogEntry.objects.values_list("object_id", "object_repr")) == [(str(alice.pk), str(alice.pk))]


def test_counsellor_does_not_manage_accounts(browser: Browser, carol: User) -> None:
    assert browser(carol).get("/admin/accounts/user/").status_code == 403


def test_switched_off_counsellor_is_out(raise_risk: Raise, browser: Browser, carol: User) -> None:
    client = browser(carol)
    User.objects.filter(pk=carol.pk).update(is_active=False)
    for address in addresses(raise_risk(RiskLevel.HIGH).flag_id):
        assert client.get(address).status_code in (302, 401, 405), address


def test_log_of_the_admin_keeps_ids_only(browser: Browser, oscar: User, carol: User) -> None:
    fields = {
        "username": "carol",
        "email": "new@example.org",
        "role": "supervisor",
        "is_active": "on",
        "is_staff": "on",
    }
    browser(oscar).post(f"/admin/accounts/user/{carol.pk}/change/", fields)
    carol.refresh_from_db()
    entry = LogEntry.objects.get()
    assert carol.role == "supervisor"
    assert (entry.object_repr, entry.change_message) == (str(carol.pk), "")


def test_operator_cannot_make_a_client(browser: Browser, oscar: User, carol: User) -> None:
    browser(oscar).post(f"/admin/accounts/user/{carol.pk}/change/", {"username": "carol", "role": "client"})
    carol.refresh_from_db()
    assert carol.role == "counsellor"


def test_operator_can_make_a_counsellor(browser: Browser, oscar: User) -> None:
    password = "a long and winding phrase 9"
    fields = {
        "username": "erin",
        "email": "",
        "role": "counsellor",
        "usable_password": "true",
        "password1": password,
        "password2": password,
    }
    response = browser(oscar).post("/admin/accounts/user/add/", fields)
    assert response.status_code == 302, response.content.decode()[-3000:]
    assert User.objects.get(username="erin").is_counselling_staff
