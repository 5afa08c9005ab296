"""Counts for authorities: right, and about nobody."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise
from therapy.safety import services


def test_counts_cards_and_alerts_without_naming_anybody(
    raise_risk: Raise, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    raise_risk(RiskLevel.LOW)
    raise_risk(RiskLevel.MODERATE, "eating_disorder")
    high = raise_risk(RiskLevel.HIGH)
    assert high.flag_id
    services.dispute_flag(person_id=alice.pk, flag_id=high.flag_id)
    call_command("safety_report", "--since", "2000-01-01", "--until", "2100-01-01")
    output = capsys.readouterr().out
    counts = json.loads(output)
    assert (counts["cards"], counts["disputed"]) == (2, 1)
    assert counts["by_level"] == {"moderate": 1, "high": 1}
    assert counts["by_kind"] == {"eating_disorder": 1, "plan": 1}
    assert counts["by_language"] == {"zh": 2}
    assert (counts["alerts"], counts["alerts_not_sent"], counts["alerts_acknowledged"]) == ({"high": 1}, 1, 0)
    assert CANARY not in output
    assert str(alice.pk) not in output


def test_other_times_are_left_out(raise_risk: Raise, capsys: pytest.CaptureFixture[str]) -> None:
    raise_risk(RiskLevel.HIGH)
    call_command("safety_report", "--since", "2000-01-01", "--until", "2001-01-01")
    assert json.loads(capsys.readouterr().out)["cards"] == 0
