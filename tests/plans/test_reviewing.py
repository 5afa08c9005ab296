"""The weekly look: a next version beside the plan that counts, with its difference; approved, declined, kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, User
from accounts.services import decide_consent, log_access
from therapy.core.errors import ApplicationError
from therapy.observations import services as observations
from therapy.plans import comparing, drafting, following, gathering, reviewing, selectors, services, tasks
from therapy.plans.models import Plan
from therapy.plans.wording import StepWords

pytestmark = pytest.mark.django_db
WEEK_AGO = timedelta(days=8)


@pytest.fixture
def followed(plan: Plan, approve: Callable[[Plan], Plan]) -> Plan:
    """Alice's plan, drafted and approved eight days ago."""
    approve(plan)
    then = timezone.now() - WEEK_AGO
    Plan.objects.filter(pk=plan.pk).update(created_at=then, drafted_at=then, approved_at=then)
    plan.refresh_from_db()
    return plan


def score(person: User, total: int, *, days_ago: float = 0, instrument: str = "gad7") -> None:
    at = timezone.now() - timedelta(days=days_ago)
    payload = {"total": total, "band": "", "version": "1"}
    observations.record(person_id=person.pk, kind=f"score.{instrument}", payload=payload, source="test", at=at)


def newest(person: User) -> Plan:
    return Plan.objects.filter(person=person).order_by("-version")[0]


def test_gad7_up_by_six_gives_another_version_that_says_so(followed: Plan, told: User, as_alice: Client) -> None:
    score(told, 8, days_ago=9)
    score(told, 14)
    assert reviewing.sweep() == 1
    second = newest(told)
    assert (second.version, second.state, second.origin) == (2, Plan.State.DRAFT, Plan.Origin.SCORES)
    followed.refresh_from_db()
    assert followed.state == Plan.State.ACTIVE, "the plan goes on until the next one is approved"
    comparison = comparing.open_comparison(second)
    assert comparison is not None
    assert comparison.news == ("Your GAD-7 answers rose by 6 points, from 8 to 14.",)
    assert comparison.differing > 0, "the plan is another one"
    page = as_alice.get(reverse("plans:changes", args=[2])).content.decode()
    assert "GAD-7 answers rose by 6" in page
    assert 'data-change="added"' in page or 'data-change="changed"' in page or 'data-change="dropped"' in page
    assert as_alice.get(reverse("plans:version", args=[1])).status_code == 200, "the old one is kept"
    assert b"GAD" not in bytes(second.changes_sealed or b"")


def test_a_small_change_of_score_is_no_news(followed: Plan, told: User) -> None:
    Plan.objects.update(approved_at=timezone.now(), drafted_at=timezone.now() - timedelta(days=1))
    score(told, 8, days_ago=9)
    score(told, 11)
    assert reviewing.sweep() == 0
    assert Plan.objects.count() == 1


def test_a_score_from_before_the_plan_is_no_news(followed: Plan, told: User) -> None:
    Plan.objects.update(approved_at=timezone.now())
    score(told, 4, days_ago=20)
    score(told, 14, days_ago=9)
    assert [one.change for one in gathering.scores_of(told.pk)] == [None]
    assert reviewing.sweep() == 0


@pytest.mark.parametrize("payload", [{}, {"total": "many"}, {"total": True}, {"total": None}])
def test_a_broken_score_is_passed_over(followed: Plan, told: User, payload: dict[str, object]) -> None:
    observations.record(person_id=told.pk, kind="score.gad7", payload=payload, source="test")
    assert gathering.scores_of(told.pk) == ()
    reviewing.sweep()


def test_a_week_later_the_plan_is_looked_at_once(followed: Plan, told: User) -> None:
    for _ in range(3):
        reviewing.sweep()
    followed.refresh_from_db()
    if followed.looked_at is not None:
        assert Plan.objects.count() == 1, "nothing to change leaves no version"
    else:
        assert (Plan.objects.count(), newest(told).origin) == (2, Plan.Origin.WEEKLY)


def test_nothing_to_change_is_said_on_the_page(
    followed: Plan, told: User, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = drafting.review(drafting._before(followed), gathering.inputs_for(told.pk), drafting.library())
    unchanged = type(same)(draft=same.draft, changes=())
    monkeypatch.setattr(drafting, "review", lambda *_args: unchanged)
    assert reviewing.sweep() == 1
    assert Plan.objects.count() == 1
    assert "it stays as it is" in as_alice.get("/plan/").content.decode()
    assert reviewing.sweep() == 0


def test_a_young_plan_is_left_alone(plan: Plan, approve: Callable[[Plan], Plan]) -> None:
    approve(plan)
    assert reviewing.sweep() == 0


@pytest.mark.parametrize("purpose", [Consent.Purpose.HEALTH_DATA, Consent.Purpose.SERVICE])
def test_without_consent_or_account_nothing_is_proposed(followed: Plan, told: User, purpose: Consent.Purpose) -> None:
    decide_consent(person_id=told.pk, purpose=purpose, granted=False)
    assert reviewing.sweep() == 0
    assert reviewing.propose(person_id=uuid4()) is None, "a person deleted meanwhile is no fault"


def test_a_person_erased_while_a_version_waits_is_no_fault(followed: Plan, told: User) -> None:
    from accounts.rights import erase_person

    proposed = reviewing.propose(person_id=told.pk)
    assert proposed is not None
    erase_person(person_id=told.pk)
    assert drafting.draft(proposed.pk) is False
    tasks.review_plans()


def test_what_was_rated_declined_and_changed_goes_into_the_next_version(followed: Plan, told: User) -> None:
    kept, gone = [item for item in followed.items.all() if item.technique][:2]
    services.edit_item(person_id=told.pk, item_id=kept.pk, words=StepWords("My own words", "as I do it", 4))
    for day in range(3):
        now = timezone.now() - timedelta(days=day + 1)
        following.finish_run(person_id=told.pk, item_id=kept.pk, run_id=uuid4(), before=3, after=8, now=now)
    following.decline_item(person_id=told.pk, item_id=gone.pk, reason="not_for_me")
    services.add_item(person_id=told.pk, item_id=uuid4(), words=StepWords("Feed the cat"))
    score(told, 8, days_ago=9)
    score(told, 14)
    reviewing.sweep()
    second = newest(told)
    view = selectors.open_plan(second)
    assert gone.technique not in {item.technique for item in view.items}
    assert "Feed the cat" in {item.title for item in view.items}, "steps of one's own go on"
    same = next((item for item in view.items if item.technique == kept.technique), None)
    if same is not None:
        assert (same.title, same.minutes) == ("My own words", 4), "what the person changed is not undone"


def test_two_looks_at_once_propose_once(followed: Plan, told: User) -> None:
    first = reviewing.propose(person_id=told.pk)
    assert first is not None
    assert reviewing.propose(person_id=told.pk) is None
    assert services.request_draft(person_id=told.pk) == first, "asking meanwhile gives the same version"


@pytest.mark.django_db(transaction=True)
def test_two_threads_propose_once(told: User, carol: User, make_plan: Callable[..., Plan]) -> None:
    plan = make_plan(told)
    log_access(actor=carol, person_id=told.pk, what="plan", object_id=plan.pk, reason="weekly review")
    services.approve(plan_id=plan.pk, user=carol)
    Plan.objects.update(approved_at=timezone.now() - WEEK_AGO)
    gate, found = threading.Barrier(2), []

    def look() -> None:
        gate.wait()
        found.append(reviewing.propose(person_id=told.pk))
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in found) == 1


def propose(person: User) -> Plan:
    score(person, 8, days_ago=9)
    score(person, 14)
    reviewing.sweep()
    return newest(person)


def test_no_to_a_version_keeps_the_plan(followed: Plan, told: User, as_alice: Client) -> None:
    second = propose(told)
    page = as_alice.get("/today/").content.decode()
    assert "A next version of your plan is proposed." in page
    url = reverse("plans:decline", args=[2])
    for _ in range(2):
        as_alice.post(url, {"words": "too many new things"})
    second.refresh_from_db()
    assert second.state == Plan.State.DECLINED
    assert b"too many" not in bytes(second.decline_reason_sealed or b"")
    assert selectors.current_plan(told.pk).version == 1  # type: ignore[union-attr]
    assert reviewing.sweep() == 0, "a no holds until something new is known"
    score(told, 20)
    assert reviewing.sweep() == 1
    as_alice.post(reverse("plans:decline", args=[1]))
    assert Plan.objects.get(version=1).state == Plan.State.ACTIVE, "the plan that counts cannot be declined"


def test_bob_sees_and_declines_nothing_of_alices(followed: Plan, told: User, as_bob: Client) -> None:
    propose(told)
    assert as_bob.get(reverse("plans:changes", args=[2])).status_code == 404
    as_bob.post(reverse("plans:decline", args=[2]))
    assert newest(told).state == Plan.State.DRAFT


def test_the_counsellor_sees_the_difference_and_approves_once(
    followed: Plan, told: User, as_carol: Client, dan: User
) -> None:
    second = propose(told)
    place = as_carol.post(reverse("admin:plans_plan_open", args=[second.pk]), {"reason": "next version"})["Location"]
    page = as_carol.get(place).content.decode()
    assert "What this version changes" in page
    assert "rose by 6 points" in page
    item = second.items.all()[0]
    as_carol.post(place, {"action": "edit", "item": item.pk, "title": "Softer", "details": "So", "minutes": "3"})
    stale = as_carol.post(place, {"action": "approve", "revision": "0"}, follow=True).content.decode()
    assert "Somebody changed this plan" in stale
    second.refresh_from_db()
    assert second.state == Plan.State.DRAFT
    for _ in range(2):
        as_carol.post(place, {"action": "approve", "revision": str(second.revision)})
    second.refresh_from_db()
    followed.refresh_from_db()
    assert (second.state, followed.state) == (Plan.State.ACTIVE, Plan.State.REPLACED)
    assert item.edits.get().by is not None, "who changed it is kept with the words before"
    log_access(actor=dan, person_id=told.pk, what="plan", object_id=followed.pk, reason="weekly review")
    with pytest.raises(ApplicationError, match="not_a_draft"):
        services.approve(plan_id=followed.pk, user=dan)


def test_the_command_looks_too(followed: Plan, told: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("review_plans")
    assert "1 looked at" in capsys.readouterr().out
