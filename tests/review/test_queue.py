"""The queue: the most severe on top whatever its age, then the oldest; reviewed ones last; no words in it."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise
from therapy.safety import services
from therapy.safety.models import RiskFlag

QUEUE = "/admin/safety/riskflag/"


def aged(raise_risk: Raise, level: RiskLevel, minutes: int) -> str:
    flag_id = raise_risk(level).flag_id
    RiskFlag.objects.filter(pk=flag_id).update(created_at=timezone.now() - timedelta(minutes=minutes))
    return str(flag_id)


def order(client: Client) -> list[str]:
    body = client.get(QUEUE).content.decode()
    return list(dict.fromkeys(re.findall(rf"{QUEUE}([0-9a-f-]{{36}})/change/", body)))


def test_imminent_is_on_top_whatever_its_age(desk: Client, raise_risk: Raise) -> None:
    old_high = aged(raise_risk, RiskLevel.HIGH, 600)
    moderate = aged(raise_risk, RiskLevel.MODERATE, 6000)
    new_imminent = aged(raise_risk, RiskLevel.IMMINENT, 0)
    new_high = aged(raise_risk, RiskLevel.HIGH, 5)
    closed = aged(raise_risk, RiskLevel.IMMINENT, 900)
    services.close_flags(flag_ids=[RiskFlag.objects.get(pk=closed).pk])
    assert order(desk) == [new_imminent, old_high, new_high, moderate, closed]


def test_queue_shows_level_kind_language_and_alert_but_nobody(desk: Client, raise_risk: Raise, alice: User) -> None:
    raise_risk(RiskLevel.HIGH)
    body = desk.get(QUEUE).content.decode()
    for shown in ("high", "plan or intent", "中文", "waiting to be sent"):
        assert shown in body
    assert CANARY not in body
    assert alice.username not in body


def test_rows_cost_no_extra_queries(
    desk: Client, raise_risk: Raise, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        raise_risk(RiskLevel.HIGH)
    with django_assert_max_num_queries(24):
        desk.get(QUEUE)


def test_flags_cannot_be_added_edited_or_deleted_by_hand(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    assert desk.get(f"{QUEUE}add/").status_code == 403
    assert desk.post(f"{QUEUE}{flag_id}/delete/", {"post": "yes"}).status_code == 403
    desk.post(f"{QUEUE}{flag_id}/change/", {"level": 0, "state": "reviewed"})
    assert RiskFlag.objects.get().state == RiskFlag.State.OPEN


def test_front_page_counts_what_waits(desk: Client, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT)
    raise_risk(RiskLevel.HIGH)
    body = desk.get("/admin/").content.decode()
    assert body.count('class="desk-tile__count">1<') == 2
    assert CANARY not in body


def test_broken_address_is_not_found(desk: Client) -> None:
    assert desk.get(f"{QUEUE}not-a-flag/change/").status_code == 404
