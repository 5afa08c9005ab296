"""What the banner asks for: levels, ages and links of alerts nobody has taken; no words, no queue, no cache."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise
from therapy.safety import services
from therapy.safety.models import Alert


def test_waiting_alerts_the_most_severe_first(desk: Client, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    imminent = raise_risk(RiskLevel.IMMINENT)
    answer = desk.get("/desk/alerts/").json()
    assert [alert["name"] for alert in answer["alerts"]] == ["imminent", "high"]
    assert answer["alerts"][0]["url"] == f"/admin/safety/riskflag/{imminent.flag_id}/change/"
    assert answer["open"] == 2


def test_answer_holds_no_words_and_nobody(desk: Client, raise_risk: Raise, alice: User) -> None:
    raise_risk(RiskLevel.HIGH)
    body = desk.get("/desk/alerts/").content.decode()
    assert CANARY not in body
    assert str(alice.pk) not in body
    assert desk.get("/desk/alerts/").headers["Cache-Control"] == "no-store"


def test_taken_alert_leaves_the_banner(desk: Client, raise_risk: Raise, carol: User) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    assert desk.post(f"/desk/alerts/{alert_id}/take/").json() == {"taken": True}
    assert desk.post(f"/desk/alerts/{alert_id}/take/").json() == {"taken": False}
    assert desk.get("/desk/alerts/").json()["alerts"] == []
    assert Alert.objects.get().acknowledged_by == carol


def test_take_needs_the_token(raise_risk: Raise, carol: User) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(carol, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post(f"/desk/alerts/{alert_id}/take/").status_code == 403


def test_works_with_redis_and_celery_away(desk: Client, raise_risk: Raise, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": settings.REDIS_URL}
    }
    raise_risk(RiskLevel.HIGH)
    assert len(desk.get("/desk/alerts/").json()["alerts"]) == 1


def test_closed_alert_leaves_the_banner(desk: Client, raise_risk: Raise) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    assert flag_id
    services.close_flags(flag_ids=[flag_id])
    assert desk.get("/desk/alerts/").json() == {"alerts": [], "open": 0}


def test_crisis_lines_show_staff_what_nobody_has_checked(desk: Client) -> None:
    body = desk.get("/admin/safety/riskflag/hotlines/").content.decode()
    assert "lines have not been checked by a person yet" in body
    assert "12356" in body
    assert body.count("not checked") >= 50
