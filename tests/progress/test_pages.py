"""One person's progress: figures with their error, pictures on one time line, and how content they are."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import rights
from accounts.models import User
from tests.assessments.conftest import CALM, FillIn
from therapy.chat import services as chat
from therapy.chat.models import ChatSession, Message
from therapy.core.errors import ApplicationError
from therapy.core.today import cards_of
from therapy.library import selectors as library
from therapy.observations import services as observations
from therapy.plans.models import Plan
from therapy.progress import effect, pictures, services
from therapy.progress.models import Satisfaction
from therapy.progress.thinning import thin
from therapy.safety.models import RiskFlag


def test_baseline_latest_change_and_interval(fill_in: FillIn, at_home: Client, alice: User) -> None:
    now = timezone.now()
    fill_in(dict.fromkeys(range(1, 9), 2) | {9: 0}, at=now - timedelta(days=56))
    fill_in(dict.fromkeys(range(1, 9), 1) | {9: 0}, at=now - timedelta(days=28))
    fill_in(CALM | {1: 3})
    (one,) = effect.effects(alice.pk)
    assert one.change is not None
    assert (one.first.score.total, one.latest.score.total, one.count) == (16, 3, 3)
    assert (one.change.verdict, one.below_line, one.change.low, one.change.high) == ("improved", True, -18.2, -7.8)
    html = at_home.get("/progress/").content.decode()
    assert "From 16 to 3: an improvement that is larger than the error of measuring." in html
    assert "between -18.2 and -7.8" in html
    assert "A change says nothing about its cause" in html


def test_the_first_time_makes_no_comparison(fill_in: FillIn, at_home: Client) -> None:
    assert "Nothing to show yet" in at_home.get("/progress/").content.decode()
    fill_in(CALM)
    assert "A second time makes a comparison." in at_home.get("/progress/").content.decode()


def test_plans_and_practice_on_the_same_time_line(fill_in: FillIn, alice: User, at_home: Client) -> None:
    now = timezone.now()
    fill_in(CALM, at=now - timedelta(days=30))
    fill_in(CALM)
    Plan.objects.create(person=alice, version=1, state=Plan.State.REPLACED, drafted_at=now - timedelta(days=20))
    Plan.objects.create(person=alice, version=2, state=Plan.State.ACTIVE, drafted_at=now - timedelta(days=6))
    for hours in (1, 2, 30):
        at = (now - timedelta(days=3)).replace(hour=12) - timedelta(hours=hours)
        observations.record(person_id=alice.pk, kind="practice", payload={"practice": "breath"}, source="test", at=at)
    shown = pictures.case(alice.pk, effect.effects(alice.pk)[0].instrument, "en")
    assert shown is not None
    assert [mark["label"] for mark in shown["marks"] if mark["kind"] == "plan"] == ["plan 2", "plan 1"]
    # Two practices of one day are one mark.
    assert len([mark for mark in shown["marks"] if mark["kind"] == "practice"]) == 2
    html = at_home.get("/progress/").content.decode()
    assert json.loads(html.split('id="case-data" type="application/json">')[1].split("</script>")[0]) == shown


def test_mood_and_sleep_where_they_are_kept(alice: User, at_home: Client) -> None:
    assert pictures.diary(alice.pk) is None
    observations.record(person_id=alice.pk, kind="mood", payload={"valence": 0.5}, source="test")
    observations.record(person_id=alice.pk, kind="sleep", payload={"hours": 7.5}, source="test")
    observations.record(person_id=alice.pk, kind="sleep", payload={"hours": None}, source="test")
    shown = pictures.diary(alice.pk)
    assert shown is not None
    assert [series["label"] for series in shown["series"]] == ["mood", "hours of sleep"]
    assert "Mood and sleep" in at_home.get("/progress/").content.decode()


def test_what_was_rated_before_and_after(alice: User, at_home: Client) -> None:
    known = next(iter(library.library().techniques.values()))
    for before, after in ((8, 5), (6, 4), (7, None)):
        payload = {"item": "x", "technique": known.id, "before": before, "after": after}
        observations.record(person_id=alice.pk, kind="rating", payload=payload, source="test")
    (row,) = effect.helped(alice.pk, "en")
    assert (row.name, row.count, row.before, row.after) == (known.title.of("en"), 2, 7.0, 4.5)
    assert row.name in at_home.get("/progress/").content.decode()


def test_thinning_keeps_ends_and_extremes() -> None:
    points = [(number, float(number % 7)) for number in range(10_000)]
    points[5003] = (5003, 99.0)
    points[7001] = (7001, -99.0)
    kept = thin(points, most=600)
    assert len(kept) <= 602
    assert kept == sorted(kept)
    assert {points[0], points[-1], points[5003], points[7001]} <= set(kept)
    assert thin(points[:10]) == points[:10]
    assert len(thin([(5, float(number)) for number in range(2000)])) <= 4


def asked(person: User) -> list[str]:
    return [card.url for card in cards_of(person.pk) if card.key == "progress.satisfaction"]


def test_asked_after_a_week_with_a_plan_or_a_talk_and_then_not_for_two_weeks(alice: User, at_home: Client) -> None:
    assert asked(alice) == []
    session = chat.open_session(person_id=alice.pk)
    ChatSession.objects.filter(pk=session.pk).update(ended_at=timezone.now() - timedelta(hours=3))
    assert asked(alice) == ["/progress/how-was-it/?about=talk"]
    week = timezone.now() - timedelta(days=8)
    Plan.objects.create(person=alice, version=1, state=Plan.State.ACTIVE, drafted_at=week, approved_at=week)
    assert asked(alice) == ["/progress/how-was-it/?about=plan_week"]
    answer = at_home.post("/progress/how-was-it/", {"about": "plan_week", "score": "4", "comment": "the walks helped"})
    assert answer.headers["Location"] == "/progress/"
    assert asked(alice) == []
    row = Satisfaction.objects.get()
    assert (row.score, row.about) == (4, "plan_week")
    assert b"walks" not in bytes(row.comment_sealed or b"")
    assert rights.export_person(alice.pk)["progress"]["satisfaction"][0]["comment"] == "the walks helped"


def test_a_comment_that_sounds_like_danger_is_looked_at(alice: User, at_home: Client) -> None:
    words = "I want to kill myself tonight, I have the pills here"
    answer = at_home.post("/progress/how-was-it/", {"score": "1", "comment": words})
    flag = RiskFlag.objects.get()
    assert answer.headers["Location"] == f"/chat/{flag.session_id}/"
    assert Message.objects.filter(role=Message.Role.USER).count() == 1


@pytest.mark.parametrize("score", ["0", "6", "x"])
def test_other_numbers_are_refused(at_home: Client, alice: User, score: str) -> None:
    assert at_home.post("/progress/how-was-it/", {"score": score}).status_code == 200
    assert Satisfaction.objects.count() == 0
    with pytest.raises(ApplicationError, match="too_long"):
        services.say_how_it_was(person_id=alice.pk, about="whole", score=3, comment="x" * 1001)
