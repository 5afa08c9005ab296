"""Export and erasure over every app: a word said in the chat is in the export and, after erasing, nowhere."""

import json

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts import keys, rights
from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import message_binding
from therapy.observations.models import Observation
from therapy.observations.selectors import binding

pytestmark = pytest.mark.django_db
CANARY = "zanzibar-lighthouse"


@pytest.fixture
def talked(alice):
    session = ChatSession.objects.create(person=alice, last_seq=1)
    message = Message(session=session, seq=1, role="user")
    message.body_sealed = keys.seal_text(CANARY, message_binding(message, alice.pk), alice.pk)
    message.save()
    seen = Observation(person=alice, kind="emotion", at=timezone.now(), source="test", message=message)
    seen.payload_sealed = keys.seal_text(json.dumps({"label": "calm"}), binding(seen), alice.pk)
    seen.save()
    return alice


def test_the_export_holds_the_conversation_and_the_readings(talked):
    data = rights.export_person(talked.pk)
    assert data["chat"]["conversations"][0]["messages"][0]["text"] == CANARY
    assert data["observations"]["observations"][0]["reading"] == {"label": "calm"}
    json.dumps(data)


def test_nothing_of_the_person_is_left_in_any_table(talked):
    rights.erase_person(person_id=talked.pk)
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model.__name__ == "Erasure":
                continue
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" t WHERE t::text LIKE %s', [f"%{talked.pk}%"])
            assert cursor.fetchone()[0] == 0, model


def test_the_receipt_counts_rows_and_holds_no_words(talked):
    receipt = rights.erase_person(person_id=talked.pk)
    assert receipt.rows["chat"] >= 2
    assert set(receipt.rows) == {holder.name for holder in rights.holders()}
    assert CANARY not in json.dumps(receipt.rows)
