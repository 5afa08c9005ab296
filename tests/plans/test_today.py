"""The page Today: small steps of the plan that counts, done and rated, put off, declined, taken into a calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import update_profile
from ml.types import RiskLevel
from therapy.core.errors import ApplicationError
from therapy.observations import selectors as observations
from therapy.observations.models import Observation
from therapy.plans import following, gathering, reminding, services, tasks, today
from therapy.plans.models import Plan, PlanItem, ReminderWish, StepRun
from therapy.safety import person_risk

pytestmark = pytest.mark.django_db
HOME = "/today/"


@pytest.fixture
def followed(plan: Plan, approve: Callable[[Plan], Plan]) -> Plan:
    """Alice's plan, approved; every step may be done on any day."""
    approve(plan)
    plan.items.update(from_week=1, per_week=7, when="any", days=[])
    return plan


def url(name: str, item: PlanItem) -> str:
    return reverse(f"today:{name}", args=[item.pk])


def first(plan: Plan) -> PlanItem:
    """The first step that the page offers."""
    return PlanItem.objects.get(pk=today.today_of(plan.person_id).steps[0].item.id)


def test_without_a_plan_it_offers_to_talk(as_alice: Client) -> None:
    page = as_alice.get(HOME).content.decode()
    assert "There is no plan yet" in page
    assert "Something to read" in page


def test_a_draft_has_no_steps_here(plan: Plan, as_alice: Client) -> None:
    page = as_alice.get(HOME).content.decode()
    assert "Your plan is a draft" in page
    assert plan.items.count()
    assert "Do it now" not in page


def test_one_or_two_steps_with_their_reasons(followed: Plan, as_alice: Client) -> None:
    view = today.today_of(followed.person_id)
    assert 1 <= len(view.steps) <= 2
    page = as_alice.get(HOME).content.decode()
    assert page.count("data-do") == len(view.steps)
    assert "Because" in page


@pytest.mark.parametrize(
    ("hour", "part"), [(0, "night"), (4, "night"), (5, "morning"), (11, "morning"), (12, "afternoon"), (18, "evening")]
)
def test_the_greeting_follows_the_clock(hour: int, part: str) -> None:
    assert today.part_of_day(hour) == part


def test_the_greeting_is_of_the_persons_own_clock(alice: User) -> None:
    update_profile(person_id=alice.pk, time_zone="Asia/Shanghai", words={"name": "Alice"})
    view = today.today_of(alice.pk, now=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert (view.part_of_day, view.name) == ("morning", "Alice")


def test_done_and_rated_is_kept_sealed_and_shown(followed: Plan, as_alice: Client, alice: User) -> None:
    item = first(followed)
    sent = {"run": str(uuid4()), "before": "3", "after": "6"}
    answer = as_alice.post(url("run", item), sent, follow=True)
    assert "3 before, 6 after" in answer.content.decode()
    as_alice.post(url("run", item), sent)
    assert StepRun.objects.count() == 1, "sent twice is done once"
    (rating,) = observations.recent(alice.pk, "rating")
    assert rating.payload == {
        "item": str(item.pk),
        "technique": item.technique,
        "before": 3,
        "after": 6,
        "run": sent["run"],
    }
    assert b"before" not in bytes(Observation.objects.get(kind="rating").payload_sealed)
    item.refresh_from_db()
    assert item.done_at is not None
    assert [(one.technique, one.before, one.after) for one in gathering.ratings_of(alice.pk)] == (
        [(item.technique, 3, 6)] if item.technique else []
    )


@pytest.mark.parametrize("rating", ["11", "-1", "x", "9" * 50, "３"])
def test_a_rating_that_is_none_is_said_and_nothing_is_kept(followed: Plan, as_alice: Client, rating: str) -> None:
    answer = as_alice.post(url("run", first(followed)), {"run": str(uuid4()), "before": rating, "after": "4"})
    assert answer.status_code == 422
    assert "from 0 to 10" in answer.content.decode()
    assert not StepRun.objects.exists()


def test_half_a_form_counts_as_done(followed: Plan, as_alice: Client, alice: User) -> None:
    item = first(followed)
    as_alice.post(url("run", item), {})
    assert StepRun.objects.get().item == item
    assert observations.recent(alice.pk, "rating") == []
    as_alice.post(url("run", item), {"run": "not an id", "after": "7"})
    assert observations.recent(alice.pk, "rating")[0].payload["before"] is None
    assert gathering.ratings_of(alice.pk) == (), "half a rating says nothing of an effect"


def test_the_run_of_another_step_is_no_run_of_this_one(followed: Plan, alice: User) -> None:
    one, other = followed.items.all()[:2]
    run = following.finish_run(person_id=alice.pk, item_id=one.pk, run_id=uuid4(), before=None, after=None)
    with pytest.raises(ApplicationError, match="not_found"):
        following.finish_run(person_id=alice.pk, item_id=other.pk, run_id=run.pk, before=1, after=2)


def test_not_today_rests_until_tomorrow_morning_there(followed: Plan, as_alice: Client, alice: User) -> None:
    update_profile(person_id=alice.pk, time_zone="Asia/Shanghai")
    item = first(followed)
    as_alice.post(url("later", item), {"when": "not_today"})
    item.refresh_from_db()
    assert item.due_at is not None
    local = item.due_at.astimezone(today.today_of(alice.pk).zone)
    assert (local.hour, local.date()) == (9, (timezone.now() + timedelta(hours=8)).date() + timedelta(days=1))
    view = today.today_of(alice.pk)
    assert item.pk not in {step.item.id for step in view.steps}
    assert item.pk in {step.item.id for step in view.resting}
    as_alice.post(url("later", item), {"when": ""})
    assert item.pk not in {step.item.id for step in today.today_of(alice.pk).resting}


def test_a_time_of_ones_own_and_its_reminder(followed: Plan, as_alice: Client, alice: User) -> None:
    item = first(followed)
    at = timezone.now() + timedelta(hours=2)
    as_alice.post(url("later", item), {"when": "at", "at": at.strftime("%Y-%m-%dT%H:%M")})
    alice.email = "alice@example.org"
    alice.save()
    due = at + timedelta(minutes=1)
    assert reminding.sweep(now=due) == 0, "no mail without a wish"
    as_alice.post(reverse("today:reminders"), {"by_mail": "yes"})
    assert ReminderWish.objects.get().by_mail
    assert (reminding.sweep(now=due), reminding.sweep(now=due)) == (1, 0)
    title = next(step.item.title for step in today.today_of(alice.pk, now=due).steps if step.item.id == item.pk)
    assert title not in mail.outbox[0].subject + mail.outbox[0].body
    assert "/today/" in mail.outbox[0].body
    tasks.remind_of_steps()
    assert next(step for step in today.today_of(alice.pk, now=due).steps).item.id == item.pk, "what is due comes first"


@pytest.mark.parametrize("at", ["", "soon", "2020-01-01T10:00", "9999-12-31T23:59", "2026-02-30T10:00"])
def test_a_time_that_is_none_is_said(followed: Plan, as_alice: Client, at: str) -> None:
    answer = as_alice.post(url("later", first(followed)), {"when": "at", "at": at}, follow=True)
    assert "within the next 90 days" in answer.content.decode()
    assert not PlanItem.objects.filter(due_at__isnull=False).exists()


def test_no_reminder_while_a_person_comes_first(followed: Plan, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    following.wish_reminders(person_id=alice.pk, by_mail=True)
    item = following.put_off(person_id=alice.pk, item_id=first(followed).pk, delay="not_today")
    person_risk.advance(alice.pk, RiskLevel.HIGH)
    assert item.due_at is not None
    assert reminding.sweep(now=item.due_at + timedelta(minutes=1)) == 0
    assert mail.outbox == []


def test_declining_keeps_the_reason_sealed_and_tells_the_planner(followed: Plan, as_alice: Client, alice: User) -> None:
    item = next(one for one in followed.items.all() if one.technique)
    sent = {"reason": "made_it_worse", "words": "my chest felt tight"}
    page = as_alice.post(url("decline", item), sent, follow=True).content.decode()
    assert "out of your plan" in page
    item.refresh_from_db()
    assert item.removed_at is not None
    assert b"chest" not in bytes(item.removal_reason_sealed or b"")
    assert [(one.technique, one.reason) for one in gathering.declines_of(alice.pk)] == [
        (item.technique, "made_it_worse")
    ]
    as_alice.post(url("decline", item), {"reason": "other"})
    assert gathering.declines_of(alice.pk)[0].reason == "made_it_worse", "the first reason stays"
    assert as_alice.post(url("decline", first(followed)), {}, follow=True).status_code == 200
    assert len(gathering.declines_of(alice.pk)) == 1, "without a reason nothing is taken out"


def test_the_calendar_names_no_step_unless_asked(followed: Plan, as_alice: Client) -> None:
    empty = as_alice.get(reverse("today:calendar"), follow=True)
    assert "No step has a time yet" in empty.content.decode()
    item = first(followed)
    as_alice.post(url("later", item), {"when": "tomorrow_evening"})
    answer = as_alice.get(reverse("today:calendar"))
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:Attune: a small step\r\n" in text
    assert text.count("BEGIN:VEVENT") == 1
    title = next(step.item.title for step in today.today_of(followed.person_id).resting)
    assert title not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert title in as_alice.get(reverse("today:calendar"), {"titles": "yes"}).content.decode().replace("\r\n ", "")


def test_calendar_text_is_escaped_and_folded_between_characters() -> None:
    from therapy.plans.calendar import _escaped, _folded

    assert _escaped("a;b,c\\d\r\ne") == "a\\;b\\,c\\\\d\\ne"
    folded = _folded("SUMMARY:" + "很" * 60)
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == "SUMMARY:" + "很" * 60


def test_while_risk_is_high_help_stands_first(followed: Plan, as_alice: Client, alice: User) -> None:
    person_risk.advance(alice.pk, RiskLevel.HIGH)
    page = as_alice.get(HOME).content.decode()
    assert page.index("Right now, a person comes first.") < page.index("For today")
    view = today.today_of(alice.pk)
    assert not [step for step in view.steps if step.item.waits]
    waiting = [item for item in view.plan.items if item.waits]  # type: ignore[union-attr]
    assert waiting
    assert as_alice.get(reverse("today:run", args=[waiting[0].id])).status_code == 404


def test_the_player_is_whole_without_scripts(followed: Plan, as_alice: Client) -> None:
    item = PlanItem.objects.filter(plan=followed).exclude(technique="").first()
    assert item is not None
    PlanItem.objects.filter(pk=item.pk).update(technique="body-slow-breath")
    page = as_alice.get(url("run", item)).content.decode()
    assert page.count('name="before"') == page.count('name="after"') == 11
    assert 'data-in="4"' in page
    assert "In for about 4, out for about 6" in page
    assert "<noscript>" in page


@pytest.mark.parametrize("name", ["run", "later", "decline"])
def test_bob_cannot_follow_alices_plan(followed: Plan, as_bob: Client, name: str) -> None:
    sent = {"when": "not_today", "reason": "other"}
    assert as_bob.post(url(name, followed.items.all()[0]), sent).status_code == 404
    assert not StepRun.objects.exists()
    assert not PlanItem.objects.exclude(due_at=None, removed_at=None).exists()
    assert "Do it now" not in as_bob.get(HOME).content.decode()


def test_staff_have_no_day_here(as_carol: Client) -> None:
    assert as_carol.get(HOME).status_code == 404


def test_done_often_enough_rests_for_the_week(followed: Plan, alice: User) -> None:
    followed.items.update(per_week=1)
    item = first(followed)
    yesterday = timezone.now() - timedelta(days=1)
    following.finish_run(person_id=alice.pk, item_id=item.pk, run_id=uuid4(), before=None, after=None, now=yesterday)
    assert item.pk not in {step.item.id for step in today.today_of(alice.pk).steps}


def test_export_and_erasure_hold_what_was_done(followed: Plan, alice: User) -> None:
    from accounts.rights import erase_person, export_person

    item = next(one for one in followed.items.all() if one.technique)
    following.finish_run(person_id=alice.pk, item_id=item.pk, run_id=uuid4(), before=1, after=2)
    following.decline_item(person_id=alice.pk, item_id=item.pk, reason="too_hard", words="too much")
    following.wish_reminders(person_id=alice.pk, by_mail=True)
    exported = export_person(alice.pk)["plans"]
    step = next(one for one in exported["plans"][0]["steps"] if one["removed_because"])
    assert step["removed_because"] == {"reason": "too_hard", "words": "too much"}
    assert len(step["done"]) == 1
    assert exported["reminds_by_mail"] is True
    erase_person(person_id=alice.pk)
    assert not StepRun.objects.exists()
    assert not ReminderWish.objects.exists()


def test_earlier_words_of_a_step_are_kept(followed: Plan, alice: User, as_alice: Client) -> None:
    from therapy.plans.wording import StepWords

    item = followed.items.all()[0]
    title = services.step_of(alice.pk, item.pk)
    before = today.today_of(alice.pk).plan.items[0].title  # type: ignore[union-attr]
    assert title.edited_at is None
    services.edit_item(person_id=alice.pk, item_id=item.pk, words=StepWords("Softer", "", 5))
    services.edit_item(person_id=alice.pk, item_id=item.pk, words=StepWords("Softer", "", 5))
    assert item.edits.count() == 1, "the same words again are no change"
    page = as_alice.get(reverse("plans:version", args=[1])).content.decode()
    assert "before: " in page
    edits = today.today_of(alice.pk).plan.items[0].edits  # type: ignore[union-attr]
    assert [edit.title for edit in edits] == [before]
