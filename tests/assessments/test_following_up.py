"""Item 9 above "not at all": asked directly at once, help in sight, flag and level, honest words about who sees it."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import update_profile
from ml.types import RiskLevel
from tests.assessments.conftest import CALM, FOURTEEN, FillIn
from therapy.assessments import selectors, services
from therapy.assessments.models import Assessment
from therapy.chat.models import Message
from therapy.chat.selectors import transcript
from therapy.core.today import cards_of
from therapy.safety import selectors as safety
from therapy.safety.models import Alert, RiskFlag


def place_of(row: Assessment) -> str:
    return f"/questionnaires/result/{row.pk}/questions/"


def test_fourteen_with_item_nine(fill_in: FillIn, at_home: Client, alice: User) -> None:
    row = fill_in(FOURTEEN)
    flag = RiskFlag.objects.get()
    assert (flag.level, flag.kind, row.flag_id) == (RiskLevel.MODERATE, "ideation_active", flag.pk)
    assert flag.evidence[0]["rule"] == "answers.phq9.9"
    assert safety.effective_level(alice.pk) == RiskLevel.MODERATE
    result = selectors.result(alice.pk, row.pk)
    assert result is not None
    assert (result.score.total, result.band_name) == (14, "moderate")
    html = at_home.get(place_of(row)).content.decode()
    assert "Have you been thinking about ending your life?" in html
    assert html.index("If a life is in danger now") < html.index("Have you been thinking")
    assert "have been told" in html
    assert "Nobody is on duty right now." in html
    # The result waits until the questions were answered or declined.
    assert at_home.get(f"/questionnaires/result/{row.pk}/").headers["Location"] == place_of(row)


def test_who_stops_before_the_end_is_asked_all_the_same(at_home: Client, alice: User) -> None:
    row = services.begin(person_id=alice.pk, instrument="phq9", language="en")
    place = f"/questionnaires/take/{row.pk}/"
    services.answer(person_id=alice.pk, assessment_id=row.pk, values=dict.fromkeys(range(1, 9), 0))
    assert RiskFlag.objects.count() == 0
    assert at_home.post(f"{place}9/", {"answer": "1", "step": "next"}).headers["Location"] == place_of(row)
    assert safety.effective_level(alice.pk) == RiskLevel.MODERATE
    assert "Have you been thinking about ending your life?" in at_home.get(place_of(row)).content.decode()
    (card,) = [card for card in cards_of(alice.pk) if card.key == "assessments.question"]
    assert card.url == place_of(row)
    # Then the questionnaire goes on; nothing is raised or asked a second time.
    assert at_home.post(place_of(row), {"step": "leave"}).headers["Location"] == f"{place}10/"
    assert at_home.post(f"{place}9/", {"answer": "3", "step": "next"}).headers["Location"] == f"{place}10/"
    assert at_home.post(f"{place}check/").headers["Location"] == f"/questionnaires/result/{row.pk}/"
    flag = RiskFlag.objects.get()
    row.refresh_from_db()
    assert (row.flag_id, row.follow_up) == (flag.pk, Assessment.FollowUp.LEFT)
    assert Message.objects.filter(provenance__source="answers.phq9").count() == 1


def test_taken_back_before_sending_it_is_still_asked(at_home: Client, alice: User) -> None:
    row = services.begin(person_id=alice.pk, instrument="phq9", language="en")
    for value in (2, 0):
        services.answer(person_id=alice.pk, assessment_id=row.pk, values=CALM | {9: value})
    assert services.submit(person_id=alice.pk, assessment_id=row.pk).follow_up == Assessment.FollowUp.ASKED
    assert RiskFlag.objects.count() == 1


@pytest.mark.parametrize("step", ["send", "keep"])
def test_on_one_page_half_filled_in_it_is_asked_at_once(at_home: Client, alice: User, step: str) -> None:
    row = services.begin(person_id=alice.pk, instrument="phq9", language="en")
    answer = at_home.post(f"/questionnaires/take/{row.pk}/all/", {"item_9": "2", "step": step})
    assert answer.headers["Location"] == place_of(row)
    at_home.post(place_of(row), {"question_1": "1", "step": "send"})
    assert Message.objects.filter(role=Message.Role.USER).count() == 1
    row.refresh_from_db()
    assert (row.state, row.follow_up) == (Assessment.State.OPEN, Assessment.FollowUp.ANSWERED)
    assert at_home.get(place_of(row)).headers["Location"] == f"/questionnaires/take/{row.pk}/1/"


def test_a_low_total_hides_nothing(fill_in: FillIn, alice: User) -> None:
    row = fill_in(CALM | {9: 1})
    assert row.follow_up == Assessment.FollowUp.ASKED
    assert safety.effective_level(alice.pk) == RiskLevel.MODERATE


def test_a_high_total_without_item_nine_asks_nothing(fill_in: FillIn, alice: User) -> None:
    row = fill_in(dict.fromkeys(range(1, 9), 3) | {9: 0})
    assert row.follow_up == Assessment.FollowUp.NONE
    assert RiskFlag.objects.count() == 0


def test_help_stands_there_as_soon_as_the_answer_is_given(at_home: Client, alice: User) -> None:
    row = services.begin(person_id=alice.pk, instrument="phq9", language="en")
    services.answer(person_id=alice.pk, assessment_id=row.pk, values={9: 1})
    for path in ("10/", "check/", "all/"):
        assert "If a life is in danger now" in at_home.get(f"/questionnaires/take/{row.pk}/{path}").content.decode()
    services.answer(person_id=alice.pk, assessment_id=row.pk, values={9: 0})
    html = at_home.get(f"/questionnaires/take/{row.pk}/check/").content.decode()
    assert "If a life is in danger now" not in html


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({"question_1": "0", "question_2": "0", "question_3": "0", "question_4": "0"}, RiskLevel.MODERATE),
        ({"question_1": "2"}, RiskLevel.MODERATE),
        ({"question_1": "2", "question_2": "1"}, RiskLevel.HIGH),
        ({"question_4": "3"}, RiskLevel.IMMINENT),
    ],
)
def test_the_answers_become_a_message_and_raise_the_level(
    fill_in: FillIn, at_home: Client, alice: User, answers: dict[str, str], level: RiskLevel
) -> None:
    row = fill_in(FOURTEEN)
    answer = at_home.post(place_of(row), {**answers, "step": "send"})
    assert answer.headers["Location"] == f"/questionnaires/result/{row.pk}/"
    row.refresh_from_db()
    assert row.follow_up == Assessment.FollowUp.ANSWERED
    assert safety.effective_level(alice.pk) == level
    assert Alert.objects.exists() == (level >= RiskLevel.HIGH)
    said = Message.objects.get(role=Message.Role.USER)
    assert said.session_id == RiskFlag.objects.order_by("created_at").first().session_id  # type: ignore[union-attr]
    html = at_home.get(answer.headers["Location"]).content.decode()
    assert "If a life is in danger now" in html
    assert f"/chat/{said.session_id}/" in html


def test_the_message_says_it_in_their_language(fill_in: FillIn, alice: User) -> None:
    update_profile(person_id=alice.pk, language="zh-hans")
    row = fill_in(FOURTEEN)
    session_id = services.answer_follow_up(person_id=alice.pk, assessment_id=row.pk, values={1: 1, 4: 0})
    assert session_id
    texts = [view.text for view in transcript(session_id)]
    assert "我想过要是不再醒来、不在这里就好了。\n我现在是安全的。" in texts


def test_declining_is_respected_and_the_flag_stays(fill_in: FillIn, at_home: Client, alice: User) -> None:
    row = fill_in(FOURTEEN)
    assert at_home.post(place_of(row), {"step": "leave"}).headers["Location"] == f"/questionnaires/result/{row.pk}/"
    row.refresh_from_db()
    assert row.follow_up == Assessment.FollowUp.LEFT
    assert Message.objects.filter(role=Message.Role.USER).count() == 0
    assert RiskFlag.objects.get().state == RiskFlag.State.OPEN


def test_answered_twice_is_answered_once(fill_in: FillIn, at_home: Client, alice: User) -> None:
    row = fill_in(FOURTEEN)
    for _time in range(2):
        at_home.post(place_of(row), {"question_1": "1", "step": "send"})
    assert Message.objects.filter(role=Message.Role.USER).count() == 1


def test_rubbish_is_refused(fill_in: FillIn, at_home: Client, alice: User) -> None:
    row = fill_in(FOURTEEN)
    assert at_home.post(place_of(row), {"question_1": "9", "step": "send"}).status_code == 200
    row.refresh_from_db()
    assert row.follow_up == Assessment.FollowUp.ASKED


def test_who_leaves_the_page_finds_the_question_again(fill_in: FillIn, at_home: Client, alice: User) -> None:
    row = fill_in(FOURTEEN)
    (card,) = [card for card in cards_of(alice.pk) if card.key == "assessments.question"]
    assert card.url == place_of(row)
    assert "A direct question is still open" in at_home.get("/questionnaires/").content.decode()


def test_in_danger_today_offers_the_open_question_and_nothing_else(
    fill_in: FillIn, at_home: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = fill_in(FOURTEEN)

    def places() -> list[str]:
        return [card.url for card in at_home.get("/today/").context["cards"]]

    assert len(places()) > 1
    monkeypatch.setattr(safety, "effective_level", lambda _person_id: RiskLevel.HIGH)
    assert places() == [place_of(row)]


def test_deleting_it_leaves_what_was_raised(fill_in: FillIn, alice: User) -> None:
    row = fill_in(FOURTEEN)
    services.remove(person_id=alice.pk, assessment_id=row.pk)
    assert RiskFlag.objects.get().state == RiskFlag.State.OPEN
    assert safety.effective_level(alice.pk) == RiskLevel.MODERATE
