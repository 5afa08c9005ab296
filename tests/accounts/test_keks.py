"""Key-encryption keys: a wrong or missing one is said by a check, in clear words, before anything is served."""

import base64

import pytest
from django.core.checks import run_checks
from django.db import connections

from accounts import keys, services
from accounts.checks import check_keks_configured, check_keks_match
from accounts.models import DataKey

pytestmark = pytest.mark.django_db


def kek(byte: bytes, version: int = 1) -> str:
    return f"{version}:{base64.b64encode(byte * 32).decode()}"


def test_the_right_key_passes(alice):
    services.update_profile(person_id=alice.pk, words={"name": "Alice"})
    assert check_keks_match(None, databases=["default"]) == []
    assert check_keks_match(None, databases=["default"]) == []


def test_a_wrong_key_is_refused(alice, settings):
    check_keks_match(None, databases=["default"])
    settings.ATTUNE_KEKS = [kek(b"x")]
    (error,) = check_keks_match(None, databases=["default"])
    assert error.id == "accounts.E002"
    assert "Restore the right key" in error.msg


def test_the_check_runs_with_the_others(alice, settings):
    check_keks_match(None, databases=["default"])
    settings.ATTUNE_KEKS = [kek(b"x")]
    found = run_checks(tags=["database"], databases=list(connections))
    assert "accounts.E002" in {message.id for message in found}


@pytest.mark.parametrize("given", [[], ["1:abc"], ["nonsense"], ["1:" + base64.b64encode(b"short").decode()]])
def test_a_missing_or_malformed_key_is_refused(settings, given):
    settings.ATTUNE_KEKS = given
    assert [error.id for error in check_keks_configured(None)] == ["accounts.E001"]


def test_a_version_still_in_use_must_be_there(alice, settings):
    services.update_profile(person_id=alice.pk, words={"name": "Alice"})
    settings.ATTUNE_KEKS = [kek(b"n", version=2)]
    assert [error.id for error in check_keks_match(None, databases=["default"])] == ["accounts.E002"]


def test_rewrapping_keeps_the_words(alice, settings):
    from accounts.selectors import open_profile

    services.update_profile(person_id=alice.pk, words={"name": "Alice"})
    settings.ATTUNE_KEKS = [*settings.ATTUNE_KEKS, kek(b"n", version=2)]
    keys.rewrap(DataKey.objects.get(person=alice), version=2)
    settings.ATTUNE_KEKS = settings.ATTUNE_KEKS[1:]
    keys.forget_cached()
    assert open_profile(alice.pk).name == "Alice"
