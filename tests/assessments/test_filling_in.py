"""From the first question to the result: half-finished, back, twice, too late, gone, and somebody else's."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, User
from accounts.services import decide_consent
from tests.assessments.conftest import CALM, FOURTEEN, FillIn
from therapy.assessments import selectors, services
from therapy.assessments.models import Assessment
from therapy.chat.models import Message
from therapy.core.errors import ApplicationError
from therapy.observations.models import Observation
from therapy.observations.selectors import recent
from therapy.safety.models import RiskFlag


def begin(browser: Client, name: str = "phq9", step: str = "one") -> str:
    return str(browser.post(f"/questionnaires/{name}/", {"step": step}).headers["Location"])


def test_one_question_a_screen_until_the_result(at_home: Client, alice: User) -> None:
    place = begin(at_home, "gad7")
    for number in range(1, 8):
        assert place.endswith(f"/{number}/")
        html = at_home.get(place).content.decode()
        assert f"Question {number} of 7" in html
        place = str(at_home.post(place, {"answer": "1", "step": "next"}).headers["Location"])
    assert place.endswith("/check/")
    assert "Send my answers" in at_home.get(place).content.decode()
    done = at_home.post(place)
    row = Assessment.objects.get()
    assert done.headers["Location"] == f"/questionnaires/result/{row.pk}/"
    html = at_home.get(done.headers["Location"]).content.decode()
    assert "Your answers add up to 7 of 21." in html
    assert "no judgement by a professional" in html
    assert "GAD-7 calls “mild”" in html
    assert recent(alice.pk, "score.gad7")[0].payload == {"total": 7, "band": 1, "version": row.version}


def test_every_item_is_stored_sealed(fill_in: FillIn, alice: User) -> None:
    row = fill_in(FOURTEEN | {10: 2})
    assert selectors.open_answers(row) == FOURTEEN | {10: 2}
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM assessments_assessment t")
        assert '"9"' not in str(cursor.fetchall())


def test_a_question_without_an_answer_asks_again_and_back_keeps_the_choice(at_home: Client, alice: User) -> None:
    place = begin(at_home)
    answer = at_home.post(place, {"step": "next"})
    assert answer.status_code == 200
    assert "Please choose one of the answers." in answer.content.decode()
    at_home.post(place, {"answer": "2", "step": "next"})
    second = place.replace("/1/", "/2/")
    assert at_home.post(second, {"answer": "3", "step": "back"}).headers["Location"] == place
    assert selectors.open_answers(Assessment.objects.get()) == {1: 2, 2: 3}
    assert 'value="2"' in at_home.get(place).content.decode().split("checked")[0].rsplit("<input", 1)[-1]
    # Going back without a choice is no fault.
    assert at_home.post(second.replace("/2/", "/3/"), {"step": "back"}).headers["Location"] == second


@pytest.mark.parametrize("value", ["4", "-1", "one", "", "1.5"])
def test_answers_that_are_none_change_nothing(at_home: Client, alice: User, value: str) -> None:
    place = begin(at_home)
    assert at_home.post(place, {"answer": value}).status_code == 200
    assert selectors.open_answers(Assessment.objects.get()) == {}


def test_half_finished_is_gone_on_with(at_home: Client, alice: User) -> None:
    place = begin(at_home)
    at_home.post(place, {"answer": "1", "step": "next"})
    assert "Go on" in at_home.get("/questionnaires/").content.decode()
    assert begin(at_home) == place.replace("/1/", "/2/")
    assert Assessment.objects.count() == 1


def test_incomplete_is_not_sent(at_home: Client, alice: User) -> None:
    begin(at_home)
    row = Assessment.objects.get()
    services.answer(person_id=alice.pk, assessment_id=row.pk, values={1: 1})
    answer = at_home.post(f"/questionnaires/take/{row.pk}/check/")
    assert answer.headers["Location"] == f"/questionnaires/take/{row.pk}/check/"
    assert "8 questions have no answer yet." in at_home.get(answer.headers["Location"]).content.decode()
    assert Observation.objects.count() == 0


def test_all_on_one_page_keeps_what_was_answered(at_home: Client, alice: User) -> None:
    place = begin(at_home, "who5", "all")
    some = {"item_1": "3", "item_2": "4", "step": "send"}
    html = at_home.post(place, some).content.decode()
    assert "What you answered is kept." in html
    assert selectors.open_answers(Assessment.objects.get()) == {1: 3, 2: 4}
    assert at_home.post(place, {"item_3": "1", "step": "keep"}).headers["Location"] == "/questionnaires/"
    whole = {f"item_{item}": "3" for item in range(1, 6)} | {"step": "send"}
    assert "/result/" in at_home.post(place, whole).headers["Location"]
    assert recent(alice.pk, "score.who5")[0].payload["total"] == 60


def test_sent_twice_is_sent_once(fill_in: FillIn, at_home: Client, alice: User) -> None:
    row = fill_in(FOURTEEN)
    said = Message.objects.count()
    again = services.submit(person_id=alice.pk, assessment_id=row.pk)
    assert again.pk == row.pk
    assert Observation.objects.filter(kind="score.phq9").count() == 1
    assert (RiskFlag.objects.count(), Message.objects.count()) == (1, said)
    # The back button leads into a page that is no longer open; it leads on to where things stand.
    for place in ("1/", "all/", "check/"):
        answer = at_home.post(f"/questionnaires/take/{row.pk}/{place}", {"answer": "0"})
        assert answer.headers["Location"] == f"/questionnaires/result/{row.pk}/questions/"
    with pytest.raises(ApplicationError, match="sent"):
        services.answer(person_id=alice.pk, assessment_id=row.pk, values={9: 0})
    assert selectors.open_answers(Assessment.objects.get()) == FOURTEEN


def test_begun_twice_is_one(alice: User) -> None:
    one = services.begin(person_id=alice.pk, instrument="phq9", language="en")
    assert services.begin(person_id=alice.pk, instrument="phq9", language="zh-hans").pk == one.pk


@pytest.mark.parametrize("moved", [timedelta(days=8), timedelta(days=-2), timedelta(days=-900)])
def test_what_lies_too_long_or_ahead_of_the_clock_begins_anew(at_home: Client, alice: User, moved: timedelta) -> None:
    place = begin(at_home)
    at_home.post(place, {"answer": "3", "step": "next"})
    Assessment.objects.update(begun_at=timezone.now() - moved)
    old = Assessment.objects.get().pk
    assert at_home.get(place).headers["Location"] == "/questionnaires/phq9/"
    begin(at_home)
    row = Assessment.objects.get()
    assert row.pk != old
    assert selectors.open_answers(row) == {}


def test_a_clock_that_was_wrong_breaks_no_history(fill_in: FillIn, at_home: Client, alice: User) -> None:
    fill_in(CALM, at=timezone.now() + timedelta(days=400))
    fill_in(CALM | {1: 3}, at=timezone.now() - timedelta(days=2000))
    fill_in(CALM | {1: 2})
    assert [row.score.total for row in selectors.results(alice.pk, "phq9")] == [3, 2, 0]
    assert at_home.get("/questionnaires/phq9/history/").status_code == 200
    assert at_home.get("/progress/").status_code == 200


def test_deleted_here_and_looked_at_there(fill_in: FillIn, at_home: Client, alice: User) -> None:
    first, second = fill_in(CALM | {1: 3}), fill_in(CALM)
    assert at_home.post(f"/questionnaires/result/{first.pk}/remove/").status_code == 302
    assert Observation.objects.filter(kind="score.phq9").count() == 1
    assert selectors.results(alice.pk, "phq9")[0].change is None
    for path in (f"/questionnaires/result/{first.pk}/", f"/questionnaires/take/{first.pk}/1/"):
        assert at_home.get(path).headers["Location"] == "/questionnaires/"
    assert at_home.post(f"/questionnaires/result/{first.pk}/remove/").status_code == 302
    assert at_home.get(f"/questionnaires/result/{second.pk}/").status_code == 200


def test_what_was_begun_can_be_thrown_away_while_a_tab_is_open(at_home: Client, alice: User) -> None:
    place = begin(at_home)
    at_home.post(f"/questionnaires/result/{Assessment.objects.get().pk}/remove/")
    assert at_home.post(place, {"answer": "1"}).headers["Location"] == "/questionnaires/"


def test_nobody_else_sees_or_changes_it(fill_in: FillIn, client: Client, bob: User) -> None:
    row = fill_in(FOURTEEN)
    client.force_login(bob)
    for path in (f"result/{row.pk}/", f"take/{row.pk}/1/"):
        assert client.get(f"/questionnaires/{path}").headers["Location"] == "/questionnaires/"
    assert client.get(f"/questionnaires/result/{row.pk}/questions/").status_code == 404
    client.post(f"/questionnaires/result/{row.pk}/remove/")
    assert Assessment.objects.filter(pk=row.pk).exists()


def test_without_the_consent_nothing_is_filled_in(at_home: Client, alice: User) -> None:
    decide_consent(person_id=alice.pk, purpose=Consent.Purpose.HEALTH_DATA, granted=False)
    assert "need your yes" in at_home.get("/questionnaires/phq9/").content.decode()
    assert begin(at_home) == "/questionnaires/"
    assert Assessment.objects.count() == 0


def test_unknown_names_and_numbers_are_not_found(at_home: Client, alice: User) -> None:
    place = begin(at_home)
    assert at_home.get("/questionnaires/isi/").status_code == 404
    assert at_home.get("/questionnaires/isi/history/").status_code == 404
    assert at_home.get(place.replace("/1/", "/11/")).status_code == 404
    assert at_home.get(place.replace("/1/", "/0/")).status_code == 404
    assert at_home.get(f"/questionnaires/result/{uuid4()}/").status_code == 302


def test_the_history_has_a_chart_with_ranges_and_a_table(fill_in: FillIn, at_home: Client) -> None:
    now = timezone.now()
    fill_in(FOURTEEN | {9: 0}, at=now - timedelta(days=28))
    fill_in(CALM | {1: 2})
    html = at_home.get("/questionnaires/phq9/history/").content.decode()
    data = json.loads(html.split('id="chart-data" type="application/json">')[1].split("</script>")[0])
    assert data["series"][0]["values"] == [13, 2]
    assert [band["label"] for band in data["bands"]][:2] == ["minimal", "mild"]
    assert "clearly better" in html
    assert "-11" in html


def test_the_summary_shows_what_was_chosen(fill_in: FillIn, at_home: Client, settings: Any) -> None:
    now = timezone.now()
    fill_in(FOURTEEN | {9: 0}, at=now - timedelta(days=40))
    fill_in(CALM)
    fill_in(dict.fromkeys(range(1, 8), 1), instrument="gad7")
    html = at_home.get("/questionnaires/summary/?include=phq9&items=on&name=Robin+R.").content.decode()
    assert "Robin R." in html
    assert "13 / 27" in html
    assert "Little interest or pleasure" in html
    assert html.count("/ 21") == 0
    day = timezone.localdate()
    html = at_home.get(f"/questionnaires/summary/?include=phq9&since={day}").content.decode()
    assert "13 / 27" not in html
    assert "0 / 27" in html
    html = at_home.get(f"/questionnaires/summary/?include=phq9&since={day}&until=2001-01-01").content.decode()
    assert "The last day lies before the first." in html
    html = at_home.get("/questionnaires/summary/?include=phq9&since=2190-01-01").content.decode()
    assert "nothing to show" in html
    assert at_home.get("/questionnaires/summary/?include=who5&since=rubbish").status_code == 200


def test_five_years_of_totals(alice: User, at_home: Client, fill_in: FillIn) -> None:
    now = timezone.now()
    for week in range(0, 260, 4):
        fill_in(CALM | {1: week % 4}, at=now - timedelta(weeks=260 - week))
    html = at_home.get("/questionnaires/phq9/history/").content.decode()
    assert html.count("<tr>") == 66
