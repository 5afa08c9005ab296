"""The card that is owed: the highest open flag of a day, words for every theme, lines of the place."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise
from therapy.chat.models import ChatSession
from therapy.safety import cards, services
from therapy.safety.models import RiskFlag

KINDS = [
    "ideation_passive",
    "ideation_active",
    "plan",
    "attempt_in_progress",
    "self_harm",
    "harm_others",
    "abuse_disclosure",
    "psychosis",
    "eating_disorder",
    "third_person",
    "past_history",
    "grief",
    "medical_question",
    "neutral",
    "something_new",
]
RAISED = [RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT]
# Names of means and the words RG-05 keeps away from this program.
FORBIDDEN = re.compile(
    r"therap|treatment|diagnos|psycholog|治疗|诊断|安眠药|上吊|跳楼|割腕|烧炭|hang|razor|overdose|gun|bridge|rope|\bmg\b",
    re.I,
)


def card_of(session: ChatSession, language: str = "zh", country: str = "CN") -> cards.CrisisCard | None:
    return cards.card_for_session(session.pk, language=language, country=country)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", RAISED)
@pytest.mark.parametrize(("language", "country"), [("en", "US"), ("en", ""), ("zh", "CN"), ("zh", "")])
def test_every_kind_and_level_has_whole_words(kind: str, level: RiskLevel, language: str, country: str) -> None:
    card = cards.card(level, kind, language=language, country=country, flag_id=None)
    words = " ".join([card.title, card.text, *card.steps])
    assert card.lines
    assert len(card.steps) >= 3
    assert "{" not in words
    assert not FORBIDDEN.search(words)
    assert (re.search(r"[\u4e00-\u9fff]", words) is not None) == (language == "zh")


def test_high_in_china_names_the_line_and_the_ambulance(session: ChatSession, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    card = card_of(session)
    assert card
    assert [line.number for line in card.lines][0] == "12356"
    assert "120" in [line.number for line in card.lines]
    assert (card.level, card.pinned, card.collapsed) == ("high", True, False)
    assert any("12356" in step for step in card.steps)


def test_imminent_shows_the_emergency_number_first(session: ChatSession, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT)
    card = card_of(session)
    assert card
    assert card.lines[0].number == "120"
    assert card.lines[0].href == "tel:120"
    assert "120" in card.steps[0]


def test_no_flag_no_card(session: ChatSession, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.LOW)
    assert card_of(session) is None


def test_highest_flag_wins_and_review_ends_it(session: ChatSession, raise_risk: Raise) -> None:
    high = raise_risk(RiskLevel.HIGH)
    raise_risk(RiskLevel.MODERATE)
    card = card_of(session)
    assert card
    assert card.flag == str(high.flag_id)
    services.close_flags(flag_ids=RiskFlag.objects.values_list("pk", flat=True))
    assert card_of(session) is None


def test_card_is_owed_for_a_day(session: ChatSession, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    RiskFlag.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert card_of(session) is None


def test_disputed_card_collapses_and_is_not_pinned(session: ChatSession, raise_risk: Raise, alice: User) -> None:
    screened = raise_risk(RiskLevel.HIGH)
    assert screened.flag_id
    services.dispute_flag(person_id=alice.pk, flag_id=screened.flag_id)
    card = card_of(session)
    assert card
    assert (card.collapsed, card.pinned) == (True, False)
    assert card.lines


def test_frame_is_plain_json_without_words_of_the_person(session: ChatSession, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    card = card_of(session, "en", "GB")
    assert card
    frame = json.loads(json.dumps(card.as_dict()))
    assert frame["more"] == "/help/?country=GB"
    assert {"name", "number", "href", "hours", "channel"} == set(frame["lines"][0])
    assert CANARY not in json.dumps(frame)
