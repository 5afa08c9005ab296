"""The emergency contact: shown where a life may be in danger, in a reading that the person sees, and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import Raise

QUEUE = "/admin/safety/riskflag/"
CONTACT = "Mei, 555 0100"


@pytest.mark.parametrize(("level", "shown"), [(RiskLevel.MODERATE, False), (RiskLevel.HIGH, True)])
def test_shown_from_high_on(desk: Client, alice: User, raise_risk: Raise, level: RiskLevel, shown: bool) -> None:
    services.update_profile(person_id=alice.pk, words={"emergency_contact": CONTACT})
    flag_id = raise_risk(level).flag_id
    page = desk.get(f"{QUEUE}{flag_id}/change/").content.decode()
    assert CONTACT not in page
    reading = desk.post(f"{QUEUE}{flag_id}/open/", {"reason": "an alert came in at night"}).headers["Location"]
    page = desk.get(reading).content.decode()
    assert (CONTACT in page) is shown
