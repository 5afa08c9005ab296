"""Opened keys in memory: never one whose row was rolled back, never one that was destroyed."""

from uuid import uuid4

import pytest
from django.db import transaction

from accounts import keys
from accounts.crypto import Binding
from accounts.errors import KeyDestroyed, SealBroken
from accounts.models import DataKey, User

pytestmark = pytest.mark.django_db(transaction=True)


class Trouble(Exception):
    """Something that undoes a transaction."""


@pytest.fixture
def nora():
    return User.objects.create_user("nora")


def sealed_for(person):
    binding = Binding("table", "column", person.pk, person.pk)
    return keys.seal_text("lighthouse", binding, person.pk), binding


@transaction.atomic
def undone(person):
    sealed_for(person)
    sealed_for(person)
    raise Trouble


def test_a_key_whose_row_was_rolled_back_seals_nothing(nora):
    with pytest.raises(Trouble):
        undone(nora)
    sealed, binding = sealed_for(nora)
    keys.forget_cached()
    assert DataKey.objects.filter(person=nora).exists()
    assert keys.unseal_text(sealed, binding, nora.pk) == "lighthouse"


def test_an_opened_key_is_remembered_after_the_commit(nora, django_assert_num_queries):
    with transaction.atomic():
        sealed_for(nora)
    with django_assert_num_queries(0):
        sealed_for(nora)


def test_a_key_destroyed_in_a_transaction_is_gone_after_it(nora):
    sealed, binding = sealed_for(nora)
    with transaction.atomic():
        keys.destroy(nora.pk)
    with pytest.raises(KeyDestroyed):
        keys.unseal_text(sealed, binding, nora.pk)


def test_a_column_opens_as_its_values_do_and_not_for_another_row(nora):
    rows = [uuid4() for _number in range(3)]
    bound = [Binding("some_table", "words_sealed", row, nora.pk) for row in rows]
    sealed = [keys.seal_text(f"word {number}", binding, nora.pk) for number, binding in enumerate(bound)]
    opened = keys.unseal_column("some_table", "words_sealed", zip(rows, sealed, strict=True), nora.pk)
    assert opened == ["word 0", "word 1", "word 2"]
    with pytest.raises(SealBroken):
        keys.unseal_column("some_table", "words_sealed", zip(reversed(rows), sealed, strict=True), nora.pk)
    with pytest.raises(SealBroken):
        keys.unseal_column("some_table", "words_sealed", [(rows[0], b"")], nora.pk)
