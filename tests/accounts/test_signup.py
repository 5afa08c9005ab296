"""Signing up and in: a pseudonym is enough, age is asked, nobody learns who has an account."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import Profile, User

pytestmark = pytest.mark.django_db
PASSWORD = "quiet river lamp"


def sign_up(client: Client, username: str = "eve", **more: str):
    answers = {"username": username, "password1": PASSWORD, "adult": "on", **more}
    return client.post(reverse("account_signup"), answers, REMOTE_ADDR="10.0.0.1")


def test_a_pseudonym_and_a_password_are_enough(client):
    response = sign_up(client)
    assert response.url == reverse("accounts:consent")
    eve = User.objects.get(username="eve")
    assert (eve.email, eve.role, eve.is_staff) == ("", "client", False)
    assert eve.profile.adult_stated_at is not None
    assert eve.profile.disclosure_seen_at is None


def test_without_the_age_statement_there_is_no_account(client):
    response = sign_up(client, adult="")
    assert response.status_code == 200
    assert "Get help now" in str(response.context["form"].errors["adult"])
    assert not User.objects.filter(username="eve").exists()


def test_the_minimum_age_is_a_setting(client, settings):
    settings.MINIMUM_AGE = 21
    assert "For people aged 21 and over" in client.get("/").content.decode()


def test_user_names_differ_by_more_than_case(client):
    sign_up(client, "Robin")
    second = sign_up(Client(), "rOBIN")
    assert "username" in second.context["form"].errors
    assert list(User.objects.values_list("username", flat=True)) == ["robin"]


def test_logging_in_ignores_the_case_of_the_name(client, alice):
    response = client.post(reverse("account_login"), {"login": "ALICE", "password": "correct horse battery"})
    assert response.url == reverse("chat:home")


def test_a_wrong_password_and_an_unknown_name_read_the_same(client, alice):
    texts = []
    for name in ("alice", "nobody-here"):
        response = client.post(reverse("account_login"), {"login": name, "password": "not this one"})
        texts.append(str(response.context["form"].non_field_errors()))
    assert texts[0] == texts[1]


def test_a_known_address_signs_up_like_an_unknown_one(client, alice):
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True, verified=True)
    known = sign_up(client, "first", email="alice@example.org")
    unknown = sign_up(Client(), "second", email="second@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_asking_for_a_new_password_answers_the_same(client, alice, mailoutbox):
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True, verified=True)
    urls = {
        client.post(reverse("account_reset_password"), {"email": e}).url
        for e in ("alice@example.org", "no@example.org")
    }
    assert len(urls) == 1


def test_mail_subjects_do_not_name_the_service(client, alice, mailoutbox):
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True, verified=True)
    client.post(reverse("account_reset_password"), {"email": "alice@example.org"})
    assert len(mailoutbox) == 1
    assert "attune" not in mailoutbox[0].subject.lower()
    assert "testserver" not in mailoutbox[0].subject


def test_a_short_or_common_password_is_refused(client):
    for weak in ("short", "1234567890", "password123"):
        assert "password1" in sign_up(client, password1=weak).context["form"].errors


def test_staff_land_in_the_admin(client, carol):
    response = client.post(reverse("account_login"), {"login": "carol", "password": "correct horse battery"})
    assert response.url == reverse("admin:index")


def test_the_profile_begins_with_the_language_of_the_page(client):
    client.post(
        reverse("account_signup"),
        {"username": "lin", "password1": PASSWORD, "adult": "on"},
        headers={"accept-language": "zh-CN,zh;q=0.9"},
    )
    assert User.objects.get(username="lin").profile.language == Profile.Language.CHINESE


def test_logging_out_clears_what_the_browser_kept(client, alice):
    client.force_login(alice)
    response = client.post(reverse("account_logout"))
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert response["Cache-Control"] == "no-store"
    assert client.get(reverse("accounts:profile")).status_code == 302


def test_logging_out_needs_a_post(client, alice):
    client.force_login(alice)
    client.get(reverse("account_logout"))
    assert client.get(reverse("accounts:profile")).status_code == 200
