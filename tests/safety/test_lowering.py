"""Open alerts of earlier conversations hold the level up; a human may lower it, with a reason that is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import rights
from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import Raise
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.safety import selectors, services
from therapy.safety.lowering import lower_person_risk
from therapy.safety.models import PersonRisk, RiskFlag, RiskLowered


def long_ago() -> None:
    """Let the person's own state fade away entirely."""
    PersonRisk.objects.update(
        raised_at=timezone.now() - timedelta(days=30),
        seen_at=timezone.now() - timedelta(days=30),
        high_at=timezone.now() - timedelta(days=30),
    )


def test_an_open_alert_of_an_earlier_conversation_counts(raise_risk: Raise, alice: User, bob: User) -> None:
    raise_risk(RiskLevel.HIGH)
    long_ago()
    assert selectors.effective_level(alice.pk) == RiskLevel.MODERATE
    assert selectors.effective_level(bob.pk) == RiskLevel.NONE
    later = ChatSession.objects.create(person=alice, language="en")
    assert raise_risk(RiskLevel.NONE, within=later).effective == RiskLevel.MODERATE
    services.close_flags(flag_ids=RiskFlag.objects.values_list("pk", flat=True))
    long_ago()
    assert selectors.effective_level(alice.pk) == RiskLevel.NONE


def test_a_counsellor_lowers_with_a_reason_the_person_can_read(raise_risk: Raise, alice: User, carol: User) -> None:
    raise_risk(RiskLevel.HIGH)
    services.close_flags(flag_ids=RiskFlag.objects.values_list("pk", flat=True))
    row = lower_person_risk(person_id=alice.pk, user=carol, level=RiskLevel.LOW, reason="spoke on the phone")
    assert (row.from_level, row.to_level, row.by) == (RiskLevel.HIGH, RiskLevel.LOW, carol)
    assert selectors.effective_level(alice.pk) == RiskLevel.LOW
    assert b"phone" not in bytes(row.reason_sealed)
    (shown,) = rights.export_person(alice.pk)["safety"]["lowered_by_staff"]
    assert shown["reason"] == "spoke on the phone"
    assert raise_risk(RiskLevel.HIGH).effective == RiskLevel.HIGH, "new danger raises it at once"


@pytest.mark.parametrize(
    ("who", "level", "reason", "code"),
    [
        ("bob", RiskLevel.NONE, "a good reason", "forbidden"),
        ("carol", RiskLevel.NONE, " no ", "reason_needed"),
        ("carol", RiskLevel.NONE, "a good reason", "alerts_open"),
        ("carol", RiskLevel.IMMINENT, "a good reason", "not_lower"),
    ],
)
def test_what_is_refused(
    raise_risk: Raise,
    alice: User,
    request: pytest.FixtureRequest,
    who: str,
    level: RiskLevel,
    reason: str,
    code: str,
) -> None:
    raise_risk(RiskLevel.HIGH)
    with pytest.raises(ApplicationError) as refused:
        lower_person_risk(person_id=alice.pk, user=request.getfixturevalue(who), level=level, reason=reason)
    assert refused.value.code == code
    assert RiskLowered.objects.count() == 0
    assert selectors.effective_level(alice.pk) == RiskLevel.HIGH
