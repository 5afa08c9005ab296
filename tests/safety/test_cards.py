"""The card that is owed: the highest open flag of a day, words for every theme, lines of the place."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ml.types import ChatTurn, RiskLevel
from tests.safety.conftest import CANARY, Raise, assessed
from therapy.chat.models import ChatSession
from therapy.safety import aspects, cards, services
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


TEAM = re.compile("counselling team|咨询师团队")


@pytest.mark.parametrize("about", [frozenset(), *({rule} for rule in ("about.ingestion", "about.perinatal"))])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_only_a_card_with_a_flag_says_that_the_team_is_told(kind: str, language: str, about: set[str]) -> None:
    for level in (RiskLevel.HIGH, RiskLevel.IMMINENT):
        told, untold, unsent = (
            cards.card(
                level, kind, language=language, country="CN", flag_id=flag, aspects=frozenset(about), unsent=gone
            )
            for flag, gone in ((uuid4(), False), (None, False), (None, True))
        )
        assert TEAM.search(told.steps[-1])
        assert not TEAM.search(" ".join([untold.text, *untold.steps]))
        assert all(step and step == step.strip() for step in untold.steps)
        assert unsent.steps[:-1] == untold.steps
        assert re.search("not been kept.*nobody.*told.*send it again|没有保存.*没有人知道.*再发", unsent.steps[-1])


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
    shown = {"name", "number", "href", "hours", "channel", "verb", "audience", "is_emergency"}
    assert shown == set(frame["lines"][0])
    assert CANARY not in json.dumps(frame)


ASPECTS = [frozenset(), frozenset({"about.ingestion"}), frozenset({"about.perinatal"}), frozenset({"about.minor"})]


@pytest.mark.parametrize("about", ASPECTS)
@pytest.mark.parametrize("level", RAISED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_card_has_barriers_with_a_way_around_them(about: frozenset[str], level: RiskLevel, language: str) -> None:
    card = cards.card(level, "plan", language=language, country="US", flag_id=None, aspects=about)
    assert len(card.barriers) >= 6
    assert {action.key for action in card.actions} >= {"plan", "callback", "safer"}
    silent = next(barrier for barrier in card.barriers if barrier.key == "silent")
    assert {link.href for link in silent.links} >= {"sms:988"}
    words = " ".join([card.text, *card.steps, *(f"{item.label} {item.text}" for item in card.barriers)])
    assert not FORBIDDEN.search(words)
    assert (re.search(r"[\u4e00-\u9fff]", words) is not None) == (language == "zh")


def test_who_cannot_speak_where_no_line_is_written_gets_our_own_counsellor() -> None:
    card = cards.card(RiskLevel.HIGH, "plan", language="zh", country="CN", flag_id=None)
    silent = next(barrier for barrier in card.barriers if barrier.key == "silent")
    assert [link.key for link in silent.links] == ["callback"]


@pytest.mark.parametrize(
    ("text", "kind", "theme"),
    [
        ("I just took all my pills", "attempt_in_progress", "ingestion"),
        ("我刚才把一整瓶药都吞了", "attempt_in_progress", "ingestion"),
        ("I'm 14 and I want to die", "ideation_active", "minor"),
        ("我今年13岁，我不想活了", "ideation_active", "minor"),
        ("我上初二，我想死", "ideation_active", "minor"),
        ("I gave birth three weeks ago and I want to die", "ideation_active", "perinatal"),
        ("产后这几个月我一直想死", "ideation_active", "perinatal"),
        ("I am 34 and I want to die", "ideation_active", "suicide"),
        ("I took the bus and I want to die", "ideation_active", "suicide"),
        ("我吃了饭，可还是不想活了", "ideation_active", "suicide"),
        ("my friend, 15 years old, wants to die", "third_person", "third_person"),
        ("I'm 15 and he hits me", "abuse_disclosure", "abuse"),
        ("I swallowed 40 tablets", "plan", "ingestion"),
        ("喝了农药", "plan", "ingestion"),
        ("I took my medication this morning and I still want to die", "ideation_active", "suicide"),
        ("我吃了药，还是想死", "ideation_active", "suicide"),
        ("my baby left me and I want to die", "ideation_active", "suicide"),
        ("宝宝不要我了，我想死", "ideation_active", "suicide"),
        ("my son is 9 years old and I want to die", "ideation_active", "suicide"),
        ("大年初一，我不想活了", "ideation_active", "suicide"),
        ("I teach at a middle school and I want to die", "ideation_active", "suicide"),
        ("I'm 12 weeks pregnant and want to die", "ideation_active", "perinatal"),
        ("我怕自己会掐宝宝", "psychosis", "perinatal"),
    ],
)
def test_the_card_speaks_to_this_person(text: str, kind: str, theme: str) -> None:
    found = aspects.add(text, (), assessed(RiskLevel.HIGH, kind))
    assert cards.theme_of(kind, cards.aspects_of(found.evidence)) == theme


def test_what_was_said_before_counts_and_harmless_messages_are_left_alone() -> None:
    before = [ChatTurn("user", "I'm 13"), ChatTurn("assistant", "I took the pills away")]
    found = aspects.add("I want to die", before, assessed(RiskLevel.HIGH))
    assert cards.aspects_of(found.evidence) == {"about.minor"}
    assert found.level == RiskLevel.HIGH
    harmless = assessed(RiskLevel.LOW)
    assert aspects.add("I'm 13", before, harmless) is harmless


def test_young_people_get_their_line_first() -> None:
    for language in ("en", "zh"):
        card = cards.card(
            RiskLevel.HIGH, "plan", language=language, country="CN", flag_id=None, aspects=frozenset({"about.minor"})
        )
        assert card.lines[0].number == "12355"
        assert any("12355" in step for step in card.steps)


def test_the_same_words_never_come_twice_within_three_turns(session: ChatSession, raise_risk: Raise) -> None:
    shown = []
    for _turn in range(9):
        raise_risk(RiskLevel.HIGH)
        card = card_of(session)
        assert card
        assert card.lines[0].number == "12356"
        shown.append((card.text, card.steps))
    for place, (text, steps) in enumerate(shown):
        assert text not in [earlier for earlier, _ in shown[max(0, place - 3) : place]]
        assert steps not in [earlier for _, earlier in shown[max(0, place - 1) : place]]


def test_a_higher_level_is_said_in_full_again(session: ChatSession, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    raise_risk(RiskLevel.HIGH)
    raise_risk(RiskLevel.IMMINENT)
    card = card_of(session)
    assert card
    assert card.level == "imminent"
    assert len(card.steps) == 5
    raise_risk(RiskLevel.IMMINENT)
    again = card_of(session)
    assert again
    assert again.steps[0] == card.steps[0], "the emergency number stays first"
    assert again.text != card.text
