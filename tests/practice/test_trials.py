"""Cognitive tests on the server: alternate forms, counted from the trials, sealed, beside what repeating explains."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from accounts import rights
from accounts import services as accounts
from accounts.models import Consent, User
from ml.cognition.forms import KINDS, Form
from therapy.observations import selectors as observations
from therapy.practice import trials_selectors, trials_services


def rows_of(form: Form, ms: float = 400.0) -> list[dict[str, object]]:
    return [
        {
            "i": place,
            "key": "" if trial.answer == "stay" else trial.answer,
            "ms": None if trial.answer == "stay" else ms,
        }
        for place, trial in enumerate(form.trials)
    ]


def sent(form: Form, rows: object, run: object = None) -> dict[str, str]:
    return {"rows": json.dumps(rows), "seed": str(form.seed), "run": str(run or uuid4()), "moment": "before"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_test_is_taken_and_shown(at_home: Client, alice: User, kind: str) -> None:
    assert at_home.get(f"/practice/tests/{kind}/").status_code == 200
    form = trials_services.next_form(alice.pk, kind)
    run = uuid4()
    for _ in range(2):
        answer = at_home.post(f"/practice/tests/{kind}/send/", sent(form, rows_of(form), run)).json()
        assert answer["usable"]
        assert answer["rows"]
    assert trials_selectors.counts(alice.pk) == {kind: 1}
    assert trials_services.next_form(alice.pk, kind) != form
    assert at_home.get(f"/practice/tests/{kind}/results/").status_code == 200
    (seen,) = observations.recent(alice.pk, "cognition")
    assert seen.payload["test"] == kind
    assert seen.payload["moment"] == "before"


def test_the_second_result_stands_beside_what_repeating_explains(at_home: Client, alice: User) -> None:
    for ms in (400.0, 395.0, 200.0):
        form = trials_services.next_form(alice.pk, "reaction")
        at_home.post("/practice/tests/reaction/send/", sent(form, rows_of(form, ms)))
    html = at_home.get("/practice/tests/reaction/results/").content.decode()
    assert "Changed by -5 since last time. Repeating the test alone explains about" in html
    assert "Changed by -195 since last time, more than repeating" in html


def test_trials_are_sealed_and_exported(at_home: Client, alice: User) -> None:
    form = trials_services.next_form(alice.pk, "choice")
    at_home.post("/practice/tests/choice/send/", sent(form, rows_of(form)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT body_sealed FROM practice_testrun")
        assert b"trials" not in bytes(cursor.fetchone()[0])
    (exported,) = rights.export_person(alice.pk)["practice"]["tests"]
    assert exported["scores"]["values"]["median_ms"] == 400.0


def test_without_consent_nothing_is_kept(at_home: Client, alice: User) -> None:
    accounts.decide_consent(person_id=alice.pk, purpose=Consent.Purpose.HEALTH_DATA, granted=False)
    form = trials_services.next_form(alice.pk, "sart")
    assert at_home.post("/practice/tests/sart/send/", sent(form, rows_of(form))).json()["usable"]
    assert trials_selectors.counts(alice.pk) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"rows": "x"},
        {"rows": "[1]"},
        {"seed": "x"},
        {"seed": "-1"},
        {"run": "x"},
        {"rows": '[{"i": 99}]'},
        {"rows": "[" * 20_000},
    ],
)
def test_rubbish_is_told(at_home: Client, alice: User, change: dict[str, str]) -> None:
    form = trials_services.next_form(alice.pk, "span")
    answer = at_home.post("/practice/tests/span/send/", {**sent(form, []), **change})
    assert answer.status_code == 400
    assert answer.json()["text"]


def test_unknown_ones_are_not_there(at_home: Client) -> None:
    assert at_home.get("/practice/tests/iq/").status_code == 404
    assert at_home.get("/practice/tests/").content.decode().count("practice-test") >= 6
