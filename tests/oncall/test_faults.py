"""One bad row or setting must not silence the rest: the mail still goes, and the fault is said."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.oncall.conftest import Raise, Rota
from therapy.oncall import chain, selectors
from therapy.oncall.models import Responder
from therapy.safety import delivery
from therapy.safety.models import Alert


def test_a_time_zone_no_clock_knows_counts_as_utc(put_on: Rota, carol: User) -> None:
    put_on(carol)
    Responder.objects.update(time_zone="Nowhere/City")
    assert selectors.on_call(now=timezone.now()) == [carol]


def test_a_wrong_webhook_does_not_hold_up_the_mail(raise_risk: Raise, settings: Any) -> None:
    settings.ALERT_WEBHOOKS = ["https://no-shape.example", "generic+http://[broken"]
    raise_risk(RiskLevel.IMMINENT)
    delivery.sweep()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("ALERT_WEBHOOKS", ["https://x.example"]), ("VAPID_PRIVATE_KEY", "not a key")]
)
def test_wrong_settings_are_said_at_start(settings: Any, name: str, value: object) -> None:
    setattr(settings, name, value)
    with pytest.raises(SystemCheckError, match=name):
        call_command("check")


def test_an_alert_that_cannot_move_holds_up_no_other(raise_risk: Raise, monkeypatch: pytest.MonkeyPatch) -> None:
    raise_risk(RiskLevel.HIGH)
    raise_risk(RiskLevel.IMMINENT)
    broken = Alert.objects.get(level=RiskLevel.IMMINENT).pk
    move = chain.move

    def stumble(alert_id: object, now: Any) -> None:
        if alert_id == broken:
            raise LookupError
        move(alert_id, now)  # type: ignore[arg-type]

    monkeypatch.setattr(chain, "move", stumble)
    delivery.sweep()
    assert [message.subject for message in mail.outbox] == ["[Attune] high alert"]
