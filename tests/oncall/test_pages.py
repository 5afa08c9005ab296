"""Pages of this room: who may open and do what, what they show, and the red card on the first page of the admin."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.oncall.conftest import CANARY, Raise
from therapy.core.local.keys import _push_key
from therapy.oncall.models import AlertStep, Drill, Policy, PushSubscription, Responder, Shift
from therapy.safety import delivery
from therapy.safety import services as safety
from therapy.safety.models import Alert

Open = Callable[[User | None], Client]
PAGES = ("/admin/on-call/", f"/admin/on-call/alerts/{uuid4()}/")


def test_strangers_sign_in_and_clients_find_nothing(browser: Open, alice: User) -> None:
    for page in PAGES:
        assert browser(None).get(page).status_code == 302
        assert browser(alice).get(page).status_code == 404
    for action in ("away", "back", "drill", "browser"):
        assert browser(alice).post(f"/admin/on-call/{action}/").status_code == 404


def test_going_offline_and_coming_back(browser: Open, on_duty: dict[str, User]) -> None:
    carol = browser(on_duty["carol"])
    page = carol.get("/admin/on-call/").content.decode()
    assert "You are on call" in page
    assert "first on call" in page
    carol.post("/admin/on-call/away/")
    assert "You are off the rota" in carol.get("/admin/on-call/").content.decode()
    carol.post("/admin/on-call/back/")
    assert "You are on call" in carol.get("/admin/on-call/").content.decode()


def test_somebody_who_is_not_on_the_rota_is_told_so(browser: Open, dan: User) -> None:
    answer = browser(dan).post("/admin/on-call/away/", follow=True)
    assert "You are not on the rota." in answer.content.decode()


def test_the_history_of_an_alert_and_what_can_be_done(
    browser: Open, on_duty: dict[str, User], raise_risk: Raise
) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    delivery.sweep()
    address = f"/admin/on-call/alerts/{alert_id}/"
    carol, dan = browser(on_duty["carol"]), browser(on_duty["dan"])
    page = carol.get(address).content.decode()
    assert "nobody has taken it" in page
    assert CANARY not in page
    assert "alice" not in page
    carol.post(address + "take/")
    page = dan.get(address).content.decode()
    assert "taken by carol" in page
    assert "Hand over" not in page
    dan.post(address + "hand-over/", {"to": "dan"})
    assert Alert.objects.get().acknowledged_by == on_duty["carol"]
    # Nobody can try here whether a client of that name exists.
    assert [carol.post(address + "hand-over/", {"to": to}).status_code for to in ("alice", "nobody")] == [404, 404]
    carol.post(address + "hand-over/", {"to": "grace"})
    assert Alert.objects.get().acknowledged_by is None
    dan.post(address + "everyone/")
    whats = list(AlertStep.objects.exclude(what="notify").values_list("what", flat=True))
    assert whats == ["raised", "acknowledged", "handed_over", "offered", "escalated"]


def test_an_operator_sees_the_rota_and_takes_nothing(
    browser: Open, oscar: User, on_duty: dict[str, User], raise_risk: Raise
) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    operator = browser(oscar)
    assert "carol" in operator.get("/admin/on-call/").content.decode()
    operator.post(f"/admin/on-call/alerts/{alert_id}/take/")
    assert Alert.objects.get().acknowledged_by is None


def test_the_rota_is_made_by_supervisors(browser: Open, grace: User, carol: User) -> None:
    form = {
        "user": str(carol.pk),
        "time_zone": "Asia/Shanghai",
        "languages": ["zh"],
        "shifts-TOTAL_FORMS": "1",
        "shifts-INITIAL_FORMS": "0",
        "shifts-0-line": "first",
        "shifts-0-weekday": "0",
        "shifts-0-starts": "22:00",
        "shifts-0-ends": "06:00",
    }
    add = "/admin/oncall/responder/add/"
    assert browser(carol).post(add, form).status_code == 403
    assert browser(grace).post(add, form | {"time_zone": "Nowhere/City"}).status_code == 200
    assert Responder.objects.count() == 0
    assert browser(grace).post(add, form).status_code == 302
    assert Responder.objects.get().languages == ["zh"]
    assert Shift.objects.get().line == "first"
    assert browser(grace).get("/admin/oncall/policy/add/").status_code == 200
    assert Policy.objects.count() == 0


def failed_drill() -> None:
    steps = [{"name": "webhook generic example.org 12ab", "is_ok": False, "detail": "http_500"}]
    Drill.objects.create(began_at=timezone.now(), state=Drill.State.FAILED, steps=steps)


@pytest.mark.parametrize("who", ["carol", "oscar"])
def test_the_first_page_is_red_and_names_the_step(browser: Open, who: str, carol: User, oscar: User) -> None:
    desk = browser({"carol": carol, "oscar": oscar}[who])
    assert 'data-drill="never"' in desk.get("/admin/").content.decode()
    failed_drill()
    page = desk.get("/admin/").content.decode()
    assert "drill--red" in page
    assert "webhook generic example.org 12ab" in page
    Drill.objects.create(began_at=timezone.now(), state=Drill.State.PASSED, steps=[])
    page = desk.get("/admin/").content.decode()
    assert "drill--red" not in page
    assert "all well" in page


def test_a_drill_on_demand(browser: Open, on_duty: dict[str, User]) -> None:
    browser(on_duty["carol"]).post("/admin/on-call/drill/")
    delivery.sweep()
    delivery.sweep()
    assert Drill.objects.get().state == Drill.State.PASSED


def test_a_browser_signs_up_and_off(browser: Open, carol: User, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = _push_key()
    desk = browser(carol)
    assert "data-push=" in desk.get("/admin/on-call/").content.decode()
    key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    wanted = {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": key, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}
    address = "/admin/on-call/browser/"
    assert desk.post(address, json.dumps(wanted), content_type="application/json").status_code == 200
    assert PushSubscription.objects.get().user == carol
    for odd in ("", "[]", "{}", '{"endpoint": 1}', json.dumps(wanted | {"endpoint": "https://evil.example"})):
        assert desk.post(address, odd, content_type="application/json").status_code == 400
    assert desk.delete(address, json.dumps(wanted), content_type="application/json").status_code == 200
    assert PushSubscription.objects.count() == 0


def test_a_taken_alert_shows_when_it_opens_again(browser: Open, on_duty: dict[str, User], raise_risk: Raise) -> None:
    (alert_id,) = raise_risk(RiskLevel.HIGH).alert_ids
    safety.acknowledge_alert(alert_id=alert_id, user=on_duty["dan"])
    page = browser(on_duty["dan"]).get(f"/admin/on-call/alerts/{alert_id}/").content.decode()
    assert "Open to all again at" in page
