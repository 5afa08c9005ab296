"""Emergency contact and safety plan: shown where a life may be in danger, in a reading the person sees, only there."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import Raise
from therapy.care import services as care
from therapy.care.plan import Contact, PlanWords
from therapy.safety import services as safety
from therapy.safety.models import RiskFlag

QUEUE = "/admin/safety/riskflag/"
CONTACT = "Mei, 555 0100"
NUMBER = "+44 7700 900123"


@pytest.mark.parametrize(("level", "shown"), [(RiskLevel.MODERATE, False), (RiskLevel.HIGH, True)])
def test_shown_from_high_on(desk: Client, alice: User, raise_risk: Raise, level: RiskLevel, shown: bool) -> None:
    services.update_profile(person_id=alice.pk, words={"emergency_contact": CONTACT})
    flag_id = raise_risk(level).flag_id
    page = desk.get(f"{QUEUE}{flag_id}/change/").content.decode()
    assert CONTACT not in page
    assert (CONTACT in open_reading(desk, flag_id)) is shown


@pytest.mark.parametrize(("level", "shown"), [(RiskLevel.MODERATE, False), (RiskLevel.HIGH, True)])
def test_the_safety_plan_too(desk: Client, alice: User, raise_risk: Raise, level: RiskLevel, shown: bool) -> None:
    words = PlanWords(safer=("the key is with Mei",), helpers=(Contact("Aunt Lin", "555 0199"),))
    care.write_plan(person_id=alice.pk, words=words)
    flag_id = raise_risk(level).flag_id
    page = open_reading(desk, flag_id)
    assert ("the key is with Mei" in page) is shown
    assert ("Aunt Lin 555 0199" in page) is shown


def test_a_wish_for_a_call_stands_in_the_packet_until_it_is_closed(desk: Client, alice: User) -> None:
    care.request_callback(person_id=alice.pk, number=NUMBER, when="evening")
    flag = RiskFlag.objects.get(kind="callback")
    address = start_reading(desk, flag.pk)
    assert "Wants a call" in desk.get(address).content.decode()
    safety.close_flags(flag_ids=[flag.pk])
    assert "Wants a call" not in desk.get(address).content.decode()


def open_reading(desk: Client, flag_id: object) -> str:
    return desk.get(start_reading(desk, flag_id)).content.decode()


def start_reading(desk: Client, flag_id: object) -> str:
    return str(desk.post(f"{QUEUE}{flag_id}/open/", {"reason": "an alert came in at night"}).headers["Location"])
