"""The first steps and the profile: words are sealed, everything may be skipped."""

import pytest
from django.db import connection
from django.urls import reverse

from accounts import keys, selectors, services
from accounts.crypto import Binding
from accounts.errors import KeyDestroyed, SealBroken
from accounts.models import Profile

pytestmark = pytest.mark.django_db
CANARY = "zanzibar-lighthouse"


@pytest.fixture
def newcomer(make_person, client):
    person = make_person("newcomer", ready=False)
    services.state_age_and_disclosure(person_id=person.pk)
    services.decide_consents(person_id=person.pk, decisions={"service": True})
    client.force_login(person)
    return person


def step(number: int) -> str:
    return reverse("accounts:onboarding_step", args=[number])


def test_three_steps_and_then_the_chat(client, newcomer):
    about = {"name": "Lin", "pronouns": "", "language": "en", "country": "CN", "time_zone": "Asia/Shanghai"}
    assert client.post(step(1), about).url == step(2)
    assert client.post(step(2), {"reason": "no sleep", "goals": "rest\n\ncall my sister"}).url == step(3)
    assert client.post(step(3), {"emergency_contact": "Mei 555"}).url == reverse("chat:home")
    view = selectors.open_profile(newcomer.pk)
    assert (view.name, view.country, view.time_zone) == ("Lin", "CN", "Asia/Shanghai")
    assert view.goal_list == ("rest", "call my sister")
    assert view.emergency_contact == "Mei 555"
    assert view.onboarded_at is not None


def test_everything_may_be_skipped(client, newcomer):
    for number in (1, 2, 3):
        client.post(step(number), {"skip": "1", "name": "not stored"})
    view = selectors.open_profile(newcomer.pk)
    assert view.onboarded_at is not None
    assert (view.name, view.reason, view.emergency_contact) == ("", "", "")


@pytest.mark.parametrize(("field", "value"), [("country", "XX"), ("time_zone", "Mars/Base"), ("language", "fr")])
def test_only_known_places_and_languages(client, newcomer, field, value):
    answers = {"language": "en", "country": "", "time_zone": "UTC", field: value}
    response = client.post(step(1), answers)
    assert field in response.context["form"].errors


def test_there_is_no_fourth_step(client, newcomer):
    assert client.get(step(4)).status_code == 404


def test_the_database_holds_no_words(client, alice):
    client.force_login(alice)
    fields = {name: f"{CANARY} {name}" for name in ("name", "pronouns", "reason", "goals", "emergency_contact")}
    client.post(reverse("accounts:profile"), {**fields, "language": "en", "country": "", "time_zone": "UTC"})
    assert selectors.open_profile(alice.pk).reason == f"{CANARY} reason"
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM accounts_profile p")
        rows = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT string_agg(encode(name_sealed, 'escape'), '') FROM accounts_profile")
        rows += cursor.fetchone()[0]
    assert CANARY not in rows
    assert CANARY.encode().hex() not in rows


def test_two_sealed_values_swapped_cannot_be_opened(alice, bob):
    for person in (alice, bob):
        services.update_profile(person_id=person.pk, words={"name": f"I am {person.username}", "reason": "why"})
    a, b = (Profile.objects.get(person=person) for person in (alice, bob))
    Profile.objects.filter(pk=a.pk).update(name_sealed=b.name_sealed)
    Profile.objects.filter(pk=b.pk).update(name_sealed=b.reason_sealed)
    for person in (alice, bob):
        with pytest.raises(SealBroken):
            selectors.open_profile(person.pk)


def test_a_destroyed_key_opens_nothing(alice):
    services.update_profile(person_id=alice.pk, words={"name": "Alice"})
    keys.destroy(alice.pk)
    with pytest.raises(KeyDestroyed):
        selectors.open_profile(alice.pk)
    with pytest.raises(KeyDestroyed):
        keys.seal_text("more", Binding("t", "c", "r", str(alice.pk)), alice.pk)


def test_people_see_their_own_details_only(client, alice, bob):
    services.update_profile(person_id=alice.pk, words={"name": CANARY})
    client.force_login(bob)
    for name in ("accounts:profile", "accounts:privacy", "accounts:onboarding"):
        assert CANARY not in client.get(reverse(name)).content.decode()
