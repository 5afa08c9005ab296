"""The demo accounts of a development machine."""

import json

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts import selectors
from accounts.models import User

pytestmark = pytest.mark.django_db


def seed(capsys) -> list[dict[str, str]]:
    call_command("seed_demo")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_every_printed_login_works(capsys):
    logins = seed(capsys)
    assert sorted(login["role"] for login in logins) == ["client", "counsellor", "counsellor", "operator", "supervisor"]
    for login in logins:
        user = authenticate(username=login["username"], password=login["password"])
        assert user is not None
        assert user.role == login["role"]
        assert user.is_staff == (login["role"] != "client")


def test_twice_is_as_good_as_once(capsys):
    seed(capsys)
    names = sorted(User.objects.values_list("username", flat=True))
    seed(capsys)
    assert sorted(User.objects.values_list("username", flat=True)) == names


def test_the_client_may_begin_at_once(capsys):
    seed(capsys)
    client = User.objects.get(role="client")
    assert selectors.may_use_service(client.pk)
    assert not selectors.has_consented(client.pk, "training")


def test_counsellors_may_review_and_not_delete(capsys):
    seed(capsys)
    counsellor = User.objects.filter(role="counsellor").first()
    assert counsellor.has_perm("safety.view_riskflag")
    assert counsellor.has_perm("safety.change_riskflag")
    assert counsellor.has_perm("plans.change_plan")
    assert counsellor.has_perm("review.add_review")
    assert not counsellor.has_perm("safety.delete_riskflag")
    assert not counsellor.has_perm("accounts.change_user")


def test_refused_where_demo_accounts_are_not_allowed(settings):
    settings.DEMO_ACCOUNTS = False
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()
