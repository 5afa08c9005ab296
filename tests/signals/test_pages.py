"""The page of signals, files, the description for programmers."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts import rights
from therapy.observations.models import Observation
from therapy.signals import importing, services, tokens
from therapy.signals.models import DeviceToken, PersonState, SignalSwitch

pytestmark = pytest.mark.django_db


def text(answer):
    return answer.content.decode()


def test_the_page_says_what_is_measured_and_what_never(client, alice):
    client.force_login(alice)
    page = text(client.get(reverse("signals:home")))
    assert page.count("Measured:") == page.count("Never:") == 5
    assert "Nothing has been measured." in page
    assert "Connect a device" not in page


def test_a_switch_is_one_button(client, alice):
    client.force_login(alice)
    client.post(reverse("signals:switches"), {"kind": "heart", "granted": "yes"})
    answer = client.get(reverse("signals:switches"))
    assert answer.json() == {
        "heart": True,
        "behaviour": False,
        "breathing": False,
        "wearable": False,
        "self_report": False,
    }
    bad = client.post(reverse("signals:switches"), {"kind": "camera", "granted": "yes"})
    assert bad.status_code == 400


def test_how_i_am_is_written_down(at_home, open_alice):
    at_home.post(reverse("signals:say"), {"a": "-60", "e": "-70", "r": "0"})
    page = text(at_home.get(reverse("signals:home")))
    assert "tense" in page
    assert "What may help now" in page


def test_a_report_of_the_player_answers_with_the_state(at_home, open_alice):
    answer = at_home.post(reverse("signals:report"), json.dumps({"e": 0.5}), content_type="application/json")
    assert answer.json()["e"]["value"] > 0.3
    assert at_home.post(reverse("signals:report"), {"e": "7"}).status_code == 400
    huge = '{"e": 1' + "0" * 400 + "}"
    assert at_home.post(reverse("signals:report"), huge, content_type="application/json").status_code == 400
    services.switch(person_id=open_alice.pk, kind="self_report", granted=False)
    assert at_home.post(reverse("signals:report"), {"e": "0.5"}).json()["code"] == "not_allowed"


def test_a_token_is_shown_once(at_home):
    at_home.post(reverse("signals:make_device"), {"name": "Headset", "scopes": ["heart_rate"]})
    assert tokens.PREFIX in text(at_home.get(reverse("signals:home")))
    page = text(at_home.get(reverse("signals:home")))
    assert tokens.PREFIX not in page
    assert "Headset" in page
    device = DeviceToken.objects.get()
    at_home.post(reverse("signals:revoke_device", args=[device.pk]))
    assert "Headset" not in text(at_home.get(reverse("signals:home")))


def upload(client, content):
    return client.post(reverse("signals:bring_in"), {"file": SimpleUploadedFile("f", content)})


def test_a_csv_is_taken_in_with_a_report_by_row(at_home):
    at = (timezone.now() - timedelta(days=400)).isoformat()
    answer = upload(
        at_home, f"at,kind,value\n{at},heart_rate,61\n{at},steps,12\n{at},mood,3\n{at},heart_rate,x\n".encode()
    )
    assert answer.context["done"].accepted == 2
    assert [row for row, _why in answer.context["refused"]] == [3, 4]


def test_fhir_observations_are_taken_in(at_home):
    def one(loinc, value, **more):
        return {
            "resourceType": "Observation",
            "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
            "effectiveDateTime": "2026-01-05T10:00:00Z",
            "valueQuantity": {"value": value, **more},
        }

    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": one("8867-4", 64)},
            {"resource": one("93832-4", 7.5, code="h")},
            {"resource": one("29463-7", 80)},
            {"resource": {"resourceType": "Patient"}},
        ],
    }
    answer = upload(at_home, json.dumps(bundle).encode())
    assert answer.context["done"].accepted == 2
    assert {row.kind for row in Observation.objects.all()} == {"signal.heart_rate", "signal.sleep_minutes"}


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a,b\n1,2\n", b"{broken", b"[" * 100000, b"k" * 200_000])
def test_files_that_cannot_be_read_say_so(at_home, content):
    assert upload(at_home, content).status_code == 400


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("_value", b"kind,at,value\n" + b"steps,x,1\n" * 30),
        ("_observation", b"[" + b",".join([b"{}"] * 30) + b"]"),
        ("_observation", b'{"resourceType": "Bundle", "entry": [' + b",".join([b"{}"] * 30) + b"]}"),
    ],
)
def test_what_is_too_much_is_not_even_made(at_home, monkeypatch, part, content):
    made = []
    monkeypatch.setattr(importing, "MOST_ROWS", 5)
    monkeypatch.setattr(importing, part, lambda *args: made.append(args))
    assert upload(at_home, content).status_code == 400
    assert len(made) == 6


def test_export_and_erasure(at_home, open_alice):
    services.report_self(person_id=open_alice.pk, e=0.4)
    copy = rights.export_person(open_alice.pk)["signals"]
    assert len(copy["switches"]) == 5
    assert copy["said"] == {"e": 0.4}
    rights.erase_person(person_id=open_alice.pk)
    assert not PersonState.objects.exists()
    assert not SignalSwitch.objects.exists()


def test_the_description_is_public_and_whole(client):
    description = client.get("/api/v1/openapi.json").json()
    assert description["openapi"] == "3.1.0"
    kinds = description["components"]["schemas"]["Row"]["properties"]["kind"]["enum"]
    from therapy.signals.kinds import KINDS

    assert set(kinds) == {kind.name for kind in KINDS.values() if kind.switch != "self_report"}
