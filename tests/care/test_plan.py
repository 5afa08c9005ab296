"""The safety plan: six steps in the person's own words, sealed, to call from, to print; nobody else's to see."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from accounts import rights
from accounts.models import User
from tests.care.conftest import CANARY
from therapy.care import selectors, services
from therapy.care.plan import Contact, PlanWords, from_json, to_json

WORDS = PlanWords(
    signs=(f"I stop answering, {CANARY}",),
    coping=("a walk around the block", "tea"),
    company=(Contact("Mia", "+44 7700 900123"),),
    places=("the library",),
    helpers=(Contact("my sister", "020 7946 0000"),),
    professionals=(Contact("Dr Wu"),),
    safer=("the tablets are with my sister",),
    reasons=("the cat",),
    trusted=(Contact("Mum", "+44 (0)20 7946 0001"),),
)


def test_words_survive_storage() -> None:
    assert from_json(to_json(WORDS)) == WORDS
    assert PlanWords().is_empty
    assert not WORDS.is_empty


def test_numbers_are_dialled_without_decoration() -> None:
    assert Contact("Mum", "+44 (0)20 7946-0001").dial == "+4402079460001"
    assert Contact("Mum", "call me").dial == ""
    assert Contact("Mum", "10086").message_link("help & come") == "sms:10086?body=help%20%26%20come"


def test_the_plan_is_sealed(alice: User) -> None:
    services.write_plan(person_id=alice.pk, words=WORDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM care_safetyplan")
        stored = repr([bytes(value) if isinstance(value, memoryview) else value for value in cursor.fetchone()])
    assert CANARY not in stored
    assert "Mum" not in stored
    assert selectors.open_plan(alice.pk).words == WORDS


def test_writing_again_replaces_the_plan(alice: User) -> None:
    services.write_plan(person_id=alice.pk, words=WORDS)
    services.write_plan(person_id=alice.pk, words=PlanWords(coping=("music",)))
    assert selectors.open_plan(alice.pk).words == PlanWords(coping=("music",))


def test_the_page_shows_the_trusted_person_first_with_one_tap(at_home: Client, alice: User) -> None:
    services.write_plan(person_id=alice.pk, words=WORDS)
    html = at_home.get("/care/plan/").content.decode()
    assert html.index("tel:+4402079460001") < html.index("tel:+447700900123")
    assert "sms:+4402079460001?body=" in html
    order = [html.index(text) for text in ("I stop answering", "a walk", "Mia", "the library", "my sister", "Dr Wu")]
    assert order == sorted(order)
    assert html.index("the tablets are with") < html.index("the cat")


def test_lines_of_the_country_stand_in_the_plan(at_home: Client, alice: User) -> None:
    services.write_plan(person_id=alice.pk, words=PlanWords(signs=("x",)))
    html = at_home.get("/care/plan/", headers={"Accept-Language": "en-GB"}).content.decode()
    assert "tel:116123" in html
    assert "tel:999" in html


def test_an_empty_plan_invites(at_home: Client) -> None:
    html = at_home.get("/care/plan/").content.decode()
    assert "/care/plan/edit/" in html
    assert "Nothing is written yet" in html


def test_the_form_fills_and_keeps(at_home: Client, alice: User) -> None:
    services.write_plan(person_id=alice.pk, words=WORDS)
    html = at_home.get("/care/plan/edit/").content.decode()
    assert "a walk around the block" in html
    sent = {"coping_0": " a bath ", "helpers_1": "Ben", "helpers_1_phone": "0170 1", "signs_2": "<b>loud</b>"}
    assert at_home.post("/care/plan/edit/", sent).status_code == 302
    assert selectors.open_plan(alice.pk).words == PlanWords(
        signs=("<b>loud</b>",), coping=("a bath",), helpers=(Contact("Ben", "0170 1"),)
    )
    assert "&lt;b&gt;loud" in at_home.get("/care/plan/").content.decode()


def test_nobody_else_sees_it(client: Client, alice: User, bob: User, carol: User) -> None:
    services.write_plan(person_id=alice.pk, words=WORDS)
    assert client.get("/care/plan/").status_code == 302
    client.force_login(bob)
    assert CANARY not in client.get("/care/plan/").content.decode()
    client.force_login(carol)
    assert client.get("/care/plan/").status_code in (302, 404)


def test_export_and_erasure(alice: User) -> None:
    services.write_plan(person_id=alice.pk, words=WORDS)
    assert rights.export_person(alice.pk)["care"]["safety_plan"]["trusted"][0]["name"] == "Mum"
    rights.erase_person(person_id=alice.pk)
    assert selectors.SafetyPlan.objects.count() == 0


@pytest.mark.parametrize("place", ["/care/plan/offline.js", "/help/offline.js"])
def test_the_worker_holds_no_data_and_names_parts_that_exist(client: Client, place: str, db: None) -> None:
    answer = client.get(place)
    assert answer.headers["Content-Type"].startswith("text/javascript")
    body = answer.content.decode()
    assert "/static/core/tokens" in body
    assert "&#x27;" not in body
