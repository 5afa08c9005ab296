"""Decisions: one per purpose, versioned, never changed afterwards; the door before chat and plan."""

import pytest
from django.urls import reverse

from accounts import purposes, selectors, services
from accounts.models import Consent

pytestmark = pytest.mark.django_db
ALL = {"adult": "on", "understood": "on", "service": "on"}


@pytest.fixture
def newcomer(make_person, client):
    person = make_person("newcomer", ready=False)
    client.force_login(person)
    return person


def test_no_switch_is_on_by_itself(client, newcomer):
    form = client.get(reverse("accounts:consent")).context["form"]
    assert not any(form[purpose].value() for purpose in Consent.Purpose.values)


def test_every_purpose_is_a_decision_of_its_own(client, newcomer):
    response = client.post(reverse("accounts:consent"), {**ALL, "emotion_reading": "on"})
    assert response.url == reverse("accounts:onboarding")
    decided = {purpose: row.granted for purpose, row in selectors.consents_of(newcomer.pk).items()}
    switched_on = {purpose for purpose, granted in decided.items() if granted}
    assert switched_on == {"service", "emotion_reading"}
    assert set(decided) == set(Consent.Purpose.values)
    assert {row.purpose: row.text_version for row in Consent.objects.all()} == purposes.CONSENT_VERSIONS


@pytest.mark.parametrize("missing", ["adult", "understood", "service"])
def test_what_is_needed_is_asked_for(client, newcomer, missing):
    response = client.post(reverse("accounts:consent"), {name: "on" for name in ALL if name != missing})
    assert response.status_code == 200
    assert missing in response.context["form"].errors
    assert not selectors.may_use_service(newcomer.pk)
    assert not Consent.objects.exists()


def test_the_page_says_what_the_law_wants_said(client, newcomer):
    text = client.get(reverse("accounts:consent")).content.decode()
    assert "It is not a human being and cannot feel human emotion." in text


def test_a_changed_mind_adds_a_line_and_keeps_the_old_one(client, alice):
    client.force_login(alice)
    client.post(reverse("accounts:privacy"), {"service": "on", "health_data": "on"})
    rows = list(Consent.objects.filter(person=alice, purpose="emotion_reading").order_by("decided_at"))
    assert [row.granted for row in rows] == [True, False]
    assert not selectors.has_consented(alice.pk, "emotion_reading")


def test_the_same_answer_again_adds_nothing(client, alice):
    client.force_login(alice)
    before = {"service": "on", "health_data": "on", "emotion_reading": "on"}
    client.post(reverse("accounts:privacy"), before)
    count = Consent.objects.count()
    client.post(reverse("accounts:privacy"), before)
    assert Consent.objects.count() == count


def test_a_new_text_is_asked_again(client, alice, monkeypatch):
    assert selectors.may_use_service(alice.pk)
    newer = {**purposes.CONSENT_VERSIONS, "service": "2027-01"}
    monkeypatch.setattr(selectors, "CONSENT_VERSIONS", newer)
    monkeypatch.setattr(services, "CONSENT_VERSIONS", newer)
    assert not selectors.may_use_service(alice.pk)
    services.decide_consents(person_id=alice.pk, decisions={"service": True})
    assert selectors.may_use_service(alice.pk)


def test_withdrawing_the_service_closes_the_door(client, alice):
    client.force_login(alice)
    assert reverse("accounts:consent") not in client.get(reverse("chat:home")).headers.get("Location", "")
    client.post(reverse("accounts:privacy"), {})
    assert client.get(reverse("chat:home")).url.startswith(reverse("accounts:consent"))


@pytest.mark.parametrize("name", ["chat:home", "plans:home"])
def test_the_door_before_chat_and_plan(client, newcomer, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.url == f"{reverse('accounts:consent')}?next={reverse(name).replace('/', '%2F')}"


def test_a_partial_request_is_sent_there_whole(client, newcomer):
    response = client.get(reverse("plans:home"), headers={"hx-request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, reverse("accounts:consent"))


@pytest.mark.parametrize("name", ["core:home", "core:privacy", "safety:help", "safety:protocol", "accounts:privacy"])
def test_help_and_privacy_stay_open(client, newcomer, name):
    assert client.get(reverse(name)).status_code == 200


def test_a_stranger_is_sent_to_log_in(client, db):
    for name in ("accounts:consent", "accounts:onboarding", "accounts:profile", "accounts:privacy", "accounts:erase"):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_no_way_out_to_another_site(client, alice):
    client.force_login(alice)
    response = client.post(reverse("accounts:consent"), {**ALL, "next": "https://evil.example/"})
    assert response.url == reverse("chat:home")
