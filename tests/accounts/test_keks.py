"""Key-encryption keys: a wrong or missing one is said by a check, in clear words, before anything is served."""

import base64

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
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


def test_an_old_key_can_go_after_the_command(alice, bob, settings, capsys):
    from accounts.selectors import open_profile

    for person, name in ((alice, "Alice"), (bob, "Bob")):
        services.update_profile(person_id=person.pk, words={"name": name})
    keys.destroy(bob.pk)
    settings.ATTUNE_KEKS = [*settings.ATTUNE_KEKS, kek(b"n", version=2)]
    call_command("rewrap_keys")
    said = capsys.readouterr().out
    assert "rewrapped: 1." in said
    assert "version 1 now" in said
    settings.ATTUNE_KEKS = settings.ATTUNE_KEKS[1:]
    keys.forget_cached()
    assert check_keks_match(None, databases=["default"]) == []
    assert open_profile(alice.pk).name == "Alice"
    call_command("rewrap_keys")
    assert "rewrapped: 0." in capsys.readouterr().out


def test_the_command_refuses_a_wrong_key(alice, settings):
    services.update_profile(person_id=alice.pk, words={"name": "Alice"})
    settings.ATTUNE_KEKS = [kek(b"x"), kek(b"n", version=2)]
    with pytest.raises(CommandError, match="not the one"):
        call_command("rewrap_keys")


def test_a_key_destroyed_meanwhile_is_not_brought_back(alice, settings):
    services.update_profile(person_id=alice.pk, words={"name": "Alice"})
    row = DataKey.objects.get(person=alice)
    keys.destroy(alice.pk)
    settings.ATTUNE_KEKS = [*settings.ATTUNE_KEKS, kek(b"n", version=2)]
    keys.rewrap(row, version=2)
    assert DataKey.objects.get(person=alice).wrapped is None
