"""Batches through the doors: switches, tokens, repetition, sealing, and never an alarm."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from therapy.observations.models import Observation
from therapy.oncall.models import Chain
from therapy.safety.models import Alert, RiskFlag
from therapy.signals import selectors, services, tokens
from therapy.signals.models import DeviceToken, SignalWindow
from therapy.signals.switches import SWITCHES, allowed

pytestmark = pytest.mark.django_db
API = "/api/v1/observations"


def send(client, rows, **more):
    body = {"device": "strap", "observations": rows, **more}
    return client.post(reverse("signals:ingest"), json.dumps(body), content_type="application/json")


def by_token(token, rows, **more):
    return Client(enforce_csrf_checks=True).post(
        API,
        json.dumps({"observations": rows, **more}),
        content_type="application/json",
        headers={"authorization": f"Bearer {token}"},
    )


def test_everything_is_off_until_it_is_switched_on(client, alice, beats):
    assert allowed(alice.pk) == frozenset()
    client.force_login(alice)
    answer = send(client, beats()).json()
    assert answer["accepted"] == 0
    assert {one["code"] for one in answer["refused"]} == {"not_allowed"}
    assert answer["state"]["known"] is False
    assert not Observation.objects.exists()


@pytest.mark.parametrize("kind", list(SWITCHES))
def test_each_switch_is_a_decision_of_its_own(alice, kind):
    services.switch(person_id=alice.pk, kind=kind, granted=True)
    assert allowed(alice.pk) == {kind}
    services.switch(person_id=alice.pk, kind=kind, granted=False)
    assert allowed(alice.pk) == frozenset()


def test_a_batch_is_stored_once_however_often_it_comes(at_home, beats):
    rows = beats(30)
    assert send(at_home, rows).json()["accepted"] == 30
    again = send(at_home, rows).json()
    assert (again["accepted"], again["duplicates"]) == (0, 30)
    assert Observation.objects.filter(kind="signal.heart_rate").count() == 30
    sums = [selectors.windows.opened(row) for row in SignalWindow.objects.all()]
    assert sum(one.numbers["heart_rate"][0] for one in sums) == 30


def test_values_are_sealed(at_home, open_alice):
    send(at_home, [{"kind": "heart_rate", "at": timezone.now().isoformat(), "value": 143.4321}])
    row = Observation.objects.get()
    assert b"143.4321" not in bytes(row.payload_sealed)
    assert selectors.observations.recent(open_alice.pk, "signal.heart_rate")[0].payload == {"v": 143.4321}
    assert b"143" not in bytes(SignalWindow.objects.get().body_sealed)


def test_flagged_values_are_kept_but_not_reckoned_with(at_home, beats):
    rows = beats(20)
    rows[5]["value"] = 240
    answer = send(at_home, rows).json()
    assert answer["flagged"] == [{"row": 5, "codes": ["range", "spike"]}]
    assert Observation.objects.count() == 20
    assert sum(selectors.windows.opened(row).numbers["heart_rate"][0] for row in SignalWindow.objects.all()) == 19


def test_no_signal_ever_raises_an_alarm_or_touches_a_level(at_home, open_alice, beats):
    """CR-15: signals alone alarm nobody."""
    for value in (45, 215, 219):
        send(at_home, beats(300, value=value, ago=timedelta(minutes=value)))
    services.report_self(person_id=open_alice.pk, a=-1, e=-1, r=-1)
    assert not Alert.objects.exists()
    assert not RiskFlag.objects.exists()
    assert not Chain.objects.exists()


def test_the_room_of_signals_knows_no_alarm():
    """CR-15, by construction: nothing of alarms is imported there."""
    from pathlib import Path

    import therapy.signals

    for path in Path(therapy.signals.__file__).parent.rglob("*.py"):
        text = path.read_text()
        assert "therapy.safety" not in text, path
        assert "therapy.oncall" not in text, path


def test_a_device_sends_what_it_may_and_reads_nothing(token, beats):
    rows = [*beats(5), {"kind": "steps", "at": timezone.now().isoformat(), "value": 40}]
    answer = by_token(token, rows)
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 5
    assert answer.json()["refused"][0]["code"] == "not_allowed"
    assert "state" not in answer.json()


def test_a_device_needs_both_yeses(token, open_alice, beats):
    services.switch(person_id=open_alice.pk, kind="wearable", granted=False)
    assert by_token(token, beats(3)).json()["accepted"] == 0


def test_only_the_digest_of_a_token_is_kept(token, open_alice):
    row = DeviceToken.objects.get()
    assert token not in (row.digest, str(row.scopes))
    assert b"My watch" not in bytes(row.name_sealed)
    assert selectors.devices_of(open_alice.pk)[0].name == "My watch"


@pytest.mark.parametrize("bad", ["", "Bearer", "Bearer att_x", "Bearer \udcff", "Basic abc"])
def test_strangers_are_refused(db, bad):
    answer = Client().post(
        API, "{}", content_type="application/json", headers={"authorization": bad.encode("utf-8", "replace").decode()}
    )
    assert answer.status_code == 401


def test_a_revoked_token_is_dead(token, open_alice, bob, beats):
    device = DeviceToken.objects.get()
    assert not tokens.revoke(person_id=bob.pk, device_id=device.pk)
    assert tokens.revoke(person_id=open_alice.pk, device_id=device.pk)
    assert by_token(token, beats(1)).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("nonsense", 400),
        ("[]", 400),
        ('{"observations": 5}', 400),
        ('{"observations": [], "sent_at": "noon"}', 400),
        ('{"observations": [' + "1," * 1000 + "1]}", 413),
        ('{"observations": []}', 200),
        ('{"observations": ["' + "x" * 300_000 + '"]}', 413),
    ],
)
def test_batches_that_cannot_be_read(at_home, body, status):
    answer = at_home.post(reverse("signals:ingest"), body, content_type="application/json")
    assert answer.status_code == status


def test_a_forged_request_is_refused(open_alice, beats):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(open_alice)
    assert send(browser, beats(1)).status_code == 403


def test_a_slow_clock_is_corrected(token, open_alice):
    now = timezone.now()
    behind = now - timedelta(minutes=5)
    row = {"kind": "heart_rate", "at": behind.isoformat(), "value": 71}
    answer = by_token(token, [row], sent_at=behind.isoformat()).json()
    assert answer["skew_seconds"] == pytest.approx(300, abs=20)
    assert abs((Observation.objects.get().at - now).total_seconds()) < 20


def test_bob_sees_nothing_of_alices(at_home, bob, beats):
    send(at_home, beats(5))
    assert selectors.recent_values(bob.pk) == []
    assert selectors.current_state(bob.pk).known is False


def test_staff_have_no_signals(client, carol):
    client.force_login(carol)
    assert client.get(reverse("signals:home")).status_code in (302, 404)


def test_deleting_takes_values_windows_and_what_was_read(at_home, open_alice, beats):
    send(at_home, beats(5))
    services.report_self(person_id=open_alice.pk, e=0.5)
    at_home.post(reverse("signals:forget"))
    assert not Observation.objects.filter(person=open_alice).exists()
    assert not SignalWindow.objects.exists()
    assert selectors.current_state(open_alice.pk).known is False


def test_a_device_of_another_cannot_be_taken_away(at_home):
    assert at_home.post(reverse("signals:revoke_device", args=[uuid4()])).status_code == 404
