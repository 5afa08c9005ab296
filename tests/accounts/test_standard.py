"""Who may be on call: counselling staff with a certificate that holds, a passed test and, where asked for, a factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts.models import Credential, ScenarioResult, User
from accounts.selectors import may_be_on_call


def test_certified_counsellors_and_supervisors_may(carol: User, grace: User) -> None:
    assert may_be_on_call(carol, timezone.now())
    assert may_be_on_call(grace, timezone.now())


def test_clients_operators_and_those_without_papers_may_not(alice: User, make_person: Callable[..., User]) -> None:
    others = (alice, make_person("oscar", role="operator"), make_person("erin", role="counsellor", ready=False))
    assert not any(may_be_on_call(user, timezone.now()) for user in others)


@pytest.mark.parametrize(
    "change",
    [
        {"valid_until": timezone.now().date() - timedelta(days=1)},
        {"valid_from": timezone.now().date() + timedelta(days=3)},
        {"verified_at": None},
        {"revoked_at": timezone.now()},
    ],
    ids=["expired", "not yet", "never checked", "withdrawn"],
)
def test_a_certificate_must_hold(carol: User, change: dict[str, Any]) -> None:
    Credential.objects.filter(user=carol).update(**change)
    assert not may_be_on_call(carol, timezone.now())


def test_the_certificate_is_asked_at_the_given_time(carol: User) -> None:
    assert not may_be_on_call(carol, timezone.now() + timedelta(days=800))


def test_the_scenario_test_must_be_passed(carol: User) -> None:
    ScenarioResult.objects.filter(user=carol).update(has_passed=False)
    assert not may_be_on_call(carol, timezone.now())


def test_where_a_second_factor_is_asked_for_it_counts(carol: User, settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = True
    assert not may_be_on_call(carol, timezone.now())
    Authenticator.objects.create(user=carol, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert not may_be_on_call(carol, timezone.now())
    Authenticator.objects.create(user=carol, type=Authenticator.Type.TOTP, data={})
    assert may_be_on_call(carol, timezone.now())


def test_switched_off_accounts_may_not(carol: User) -> None:
    carol.is_active = False
    assert not may_be_on_call(carol, timezone.now())
