"""What really reaches the broker for an alert: one id, and nothing anybody wrote (CR-10, PR-05)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import redis
from django.conf import settings

from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise

KEY = "attune:alerts"


def test_broker_holds_the_id_and_no_words(
    raise_risk: Raise, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    server = redis.Redis.from_url(settings.REDIS_URL)
    server.delete(KEY)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    (raw,) = server.lrange(KEY, 0, -1)
    server.delete(KEY)
    message = json.loads(raw)
    body = json.loads(base64.b64decode(message["body"]))
    assert body[0] == [str(alert_id)]
    assert message["headers"]["task"] == "therapy.safety.tasks.deliver_alert"
    assert CANARY not in raw.decode() + json.dumps(body)
