"""No desk without a second factor and a standing, and no staff session that idles or never ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import access
from accounts.models import Credential, ScenarioResult, User

PASSWORD = "correct horse battery"
DESK = ("/admin/", "/admin/safety/riskflag/", "/admin/plans/plan/", "/admin/safety/riskflag/hotlines/")


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    cache.clear()


def sign_in(user: User) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    return browser


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))


def test_without_a_second_factor_staff_are_sent_to_set_one_up(settings: Any, carol: User) -> None:
    settings.STAFF_MFA_REQUIRED = True
    browser = sign_in(carol)
    for place in DESK:
        assert browser.get(place).headers["Location"] == "/accounts/2fa/", place
    assert browser.get("/desk/alerts/").status_code == 403
    assert browser.get("/accounts/2fa/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_one_up_opens_the_desk_in_the_same_session(settings: Any, carol: User) -> None:
    settings.STAFF_MFA_REQUIRED = True
    browser = sign_in(carol)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.findall(r'value="([A-Z2-7]{32})"', page)[0]
    assert browser.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_with_a_factor_the_password_alone_opens_nothing(settings: Any, carol: User) -> None:
    settings.STAFF_MFA_REQUIRED = True
    secret = generate_totp_secret()
    TOTP.activate(carol, secret)
    browser = sign_in(carol)
    assert "/login/" in browser.get("/admin/").headers["Location"]
    assert browser.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert browser.get("/admin/").status_code == 200


def test_a_session_older_than_the_factor_must_begin_anew(settings: Any, carol: User) -> None:
    browser = sign_in(carol)
    settings.STAFF_MFA_REQUIRED = True
    TOTP.activate(carol, generate_totp_secret())
    assert browser.get("/admin/").status_code == 302


def test_a_removed_factor_closes_the_desk(settings: Any, carol: User) -> None:
    settings.STAFF_MFA_REQUIRED = True
    secret = generate_totp_secret()
    TOTP.activate(carol, secret)
    browser = sign_in(carol)
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    Authenticator.objects.filter(user=carol).delete()
    assert browser.get("/admin/").headers["Location"] == "/accounts/2fa/"


def test_operators_need_one_too_but_no_certificate(settings: Any, make_person: Callable[..., User]) -> None:
    oscar = make_person("oscar", role="operator")
    assert sign_in(oscar).get("/admin/").status_code == 200
    settings.STAFF_MFA_REQUIRED = True
    assert sign_in(oscar).get("/admin/accounts/user/").headers["Location"] == "/accounts/2fa/"


def test_an_expired_certificate_closes_the_desk_and_says_so(carol: User) -> None:
    browser = sign_in(carol)
    yesterday = timezone.now().date() - timedelta(days=1)
    Credential.objects.filter(user=carol).update(valid_until=yesterday)
    for place in DESK:
        assert browser.get(place).headers["Location"] == "/me/standing/", place
    assert browser.get("/desk/alerts/").status_code == 403
    assert str(yesterday) in browser.get("/me/standing/").content.decode()


def test_without_the_scenario_test_the_desk_is_closed(carol: User) -> None:
    ScenarioResult.objects.all().delete()
    browser = sign_in(carol)
    assert browser.get("/admin/safety/riskflag/").headers["Location"] == "/me/standing/"
    assert "/desk/scenarios/" in browser.get("/me/standing/").content.decode()


def test_clients_have_no_standing_page(client: Client, alice: User) -> None:
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/me/standing/").status_code == 404


def aged(browser: Client, key: str, seconds: float) -> None:
    session = browser.session
    session[key] = timezone.now().timestamp() - seconds
    session.save()


@pytest.mark.parametrize(("key", "seconds"), [(access.SEEN, 15 * 60 + 1), (access.SINCE, 8 * 3600 + 1)])
def test_idle_and_old_staff_sessions_end(carol: User, key: str, seconds: float) -> None:
    browser = sign_in(carol)
    assert browser.get("/admin/").status_code == 200
    aged(browser, key, seconds)
    assert "/accounts/login/?next=/admin/" in browser.get("/admin/").headers["Location"]
    assert "_auth_user_id" not in browser.session


def test_a_page_left_open_does_not_keep_a_session_alive(carol: User) -> None:
    browser = sign_in(carol)
    browser.get("/admin/")
    aged(browser, access.SEEN, 600)
    before = browser.session[access.SEEN]
    assert browser.get("/desk/alerts/").status_code == 200
    assert browser.session[access.SEEN] == before
    assert browser.get("/desk/alerts/?active=1").status_code == 200
    assert browser.session[access.SEEN] > before
    aged(browser, access.SEEN, 16 * 60)
    assert browser.get("/desk/alerts/?active=1").status_code == 401


def test_clients_are_not_signed_out(alice: User) -> None:
    browser = sign_in(alice)
    aged(browser, access.SEEN, 40_000)
    assert browser.get("/chat/").status_code == 200


def test_certificates_are_entered_by_others_who_saw_the_paper(grace: User, carol: User) -> None:
    browser = sign_in(grace)
    day = timezone.now().date()
    fields = {"title": "Listener", "issuer": "The house", "reference": "", "valid_from": str(day)}
    fields |= {"valid_until": str(day + timedelta(days=30)), "revoked_at_0": "", "revoked_at_1": ""}
    assert browser.post("/admin/accounts/credential/add/", fields | {"user": str(grace.pk)}).status_code == 200
    assert browser.post("/admin/accounts/credential/add/", fields | {"user": str(carol.pk)}).status_code == 302
    row = Credential.objects.get(title="Listener")
    assert (row.user, row.verified_by) == (carol, grace)
    assert row.verified_at is not None
    assert sign_in(carol).get("/admin/accounts/credential/").status_code == 403
