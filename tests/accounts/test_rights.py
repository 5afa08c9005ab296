"""Who read my words, export and erasure."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import trans_real

from accounts import rights, selectors, services, tasks
from accounts.models import Access, Consent, DataKey, Erasure, Profile, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
REASON = "checking a flag from last night"


def log_in(client, person):
    client.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})


def export(client, person, form: str):
    """Log in, give the password once more, download."""
    log_in(client, person)
    place = reverse("accounts:export", args=[form])
    response = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": place})
    assert response.url == place
    return client.get(place)


@pytest.fixture
def read_by_carol(alice, carol):
    return services.log_access(
        actor=carol, person_id=alice.pk, what=Access.What.TRANSCRIPT, object_id=uuid4(), reason=REASON
    )


def test_the_person_sees_who_read_and_why(client, alice, read_by_carol):
    client.force_login(alice)
    page = client.get(reverse("accounts:privacy")).content.decode()
    assert REASON in page
    assert "counsellor" in page


def test_nobody_else_sees_it(client, bob, carol, read_by_carol):
    for person in (bob, carol):
        client.force_login(person)
        assert REASON not in client.get(reverse("accounts:privacy")).content.decode()


def test_the_reason_is_sealed(read_by_carol):
    assert REASON.encode() not in bytes(Access.objects.get().reason_sealed)


def test_the_export_holds_everything_of_mine(client, alice, bob, read_by_carol):
    services.update_profile(person_id=alice.pk, words={"name": "Al", "goals": "rest\nwalk"})
    services.update_profile(person_id=bob.pk, words={"name": "bob's secret"})
    response = export(client, alice, "json")
    data = json.loads(response.content)
    assert response["Content-Disposition"] == 'attachment; filename="attune-export.json"'
    assert data["account"]["account"]["user_name"] == "alice"
    assert data["account"]["profile"]["goals"] == ["rest", "walk"]
    assert data["account"]["read_by_staff"][0]["reason"] == REASON
    assert "bob" not in response.content.decode()


def test_the_readable_export_says_the_same(client, alice):
    services.update_profile(person_id=alice.pk, words={"reason": "<b>too much</b>"})
    page = export(client, alice, "html").content.decode()
    assert "&lt;b&gt;too much&lt;/b&gt;" in page
    assert "<b>too much" not in page


def test_the_export_asks_for_the_password_again(client, alice):
    log_in(client, alice)
    for form in ("json", "html"):
        response = client.get(reverse("accounts:export", args=[form]))
        assert response.url.startswith(reverse("account_reauthenticate"))


def test_every_registered_share_is_in_the_export(client, alice):
    data = rights.export_person(alice.pk)
    assert {holder.name for holder in rights.holders()} <= set(data)


def test_erasing_destroys_the_key_and_every_row(client, alice, read_by_carol):
    services.update_profile(person_id=alice.pk, words={"name": "Al"})
    log_in(client, alice)
    response = client.post(reverse("accounts:erase"), {"word": "Erase", "password": PASSWORD}, follow=True)
    receipt = Erasure.objects.get()
    assert str(receipt.pk) in response.content.decode()
    assert receipt.person_id == alice.pk
    for model in (User, Profile, Consent, Access, DataKey):
        column = "pk" if model is User else "person_id"
        assert not model.objects.filter(**{column: alice.pk}).exists()


def test_after_erasing_one_is_logged_out_and_cannot_come_back(client, alice):
    log_in(client, alice)
    client.post(reverse("accounts:erase"), {"word": "删除", "password": PASSWORD})
    assert client.get(reverse("accounts:profile")).status_code == 302
    response = client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})
    assert response.status_code == 200


@pytest.mark.parametrize("answers", [{"word": "erase", "password": "wrong"}, {"word": "no", "password": PASSWORD}, {}])
def test_erasing_needs_the_word_and_the_password(client, alice, answers):
    log_in(client, alice)
    assert client.post(reverse("accounts:erase"), answers).status_code == 200
    assert User.objects.filter(pk=alice.pk).exists()


def test_erasing_one_leaves_the_others(alice, bob):
    services.update_profile(person_id=bob.pk, words={"name": "Bo"})
    rights.erase_person(person_id=alice.pk)
    assert selectors.open_profile(bob.pk).name == "Bo"


def test_erasing_ends_the_sessions_in_every_browser(client, alice, bob):
    other, waiting, bobs = Client(), Client(), Client()
    for browser, person in ((client, alice), (other, alice), (bobs, bob)):
        log_in(browser, person)
    session = waiting.session
    session["account_login"] = {"user_pk": alice.pk.hex, "email": "alice@example.org"}
    session.save()
    client.post(reverse("accounts:erase"), {"word": "Erase", "password": PASSWORD})
    kept = [row.get_decoded() for row in Session.objects.all()]
    assert "alice" not in json.dumps(kept)
    assert str(alice.pk) not in json.dumps(kept)
    assert [data["_auth_user_id"] for data in kept if "_auth_user_id" in data] == [str(bob.pk)]
    assert other.get(reverse("accounts:profile")).status_code == 302
    assert bobs.get(reverse("accounts:profile")).status_code == 200


def test_sessions_that_have_run_out_are_cleared(client, alice, bob):
    log_in(client, alice)
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    log_in(Client(), bob)
    tasks.clear_sessions()
    assert Session.objects.count() == 1


def test_erasing_clears_what_the_browser_kept(client, alice):
    log_in(client, alice)
    place = reverse("accounts:erase")
    refused = client.post(place, {"word": "Erase", "password": "wrong"})
    assert "Clear-Site-Data" not in refused
    assert "Clear-Site-Data" not in client.get(place)
    assert "Clear-Site-Data" not in Client().post(place, {"word": "Erase", "password": PASSWORD})
    done = client.post(place, {"word": "Erase", "password": PASSWORD})
    assert done.status_code == 302
    assert done["Clear-Site-Data"] == '"cache", "storage"'


def test_guessing_the_password_at_erasure_is_slowed_down(client, alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "3/m/user"}
    cache.clear()
    client.force_login(alice)
    for guess in range(3):
        wrong = {"word": "erase", "password": f"guess {guess}"}
        assert client.post(reverse("accounts:erase"), wrong).status_code == 200
    refused = client.post(reverse("accounts:erase"), {"word": "erase", "password": PASSWORD})
    assert refused.status_code == 429
    assert 'href="/help/"' in refused.content.decode()
    assert User.objects.filter(pk=alice.pk).exists()


def test_staff_accounts_are_not_erased_here(client, carol):
    log_in(client, carol)
    assert client.get(reverse("accounts:erase")).status_code == 404


def test_every_model_about_a_person_is_in_a_share():
    held = {model for holder in rights.holders() for model in holder.models}
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in ("accounts", "therapy")]
    personal = {
        model
        for model in ours
        if any(f.is_relation and f.name == "person" for f in model._meta.get_fields())
        or any(f.name.endswith("_sealed") for f in model._meta.get_fields())
    }
    assert len(personal) > 5
    assert personal - held - {DataKey} == set()


def test_the_readable_export_speaks_the_persons_language(client, alice):
    call_command("compile_translations", verbosity=0)
    trans_real._translations.clear()
    services.update_profile(person_id=alice.pk, language="zh-hans")
    page = export(client, alice, "html").content.decode()
    assert "紧急联系人" in page
    assert "是否同意" in page
    assert "emergency contact" not in page
