"""The counsellors' side: a list without words, opened with a reason the person sees, approved by staff only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Access, User
from accounts.selectors import accesses_to
from accounts.services import log_access
from therapy.core.errors import ApplicationError
from therapy.plans import selectors, services
from therapy.plans.models import Plan
from therapy.plans.selectors import current_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def reading(plan: Plan, as_carol: Client) -> str:
    """Address of the plan after Carol gave a reason."""
    answer = as_carol.post(reverse("admin:plans_plan_open", args=[plan.pk]), {"reason": "weekly review"})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_the_list_shows_no_words(plan: Plan, as_carol: Client) -> None:
    page = as_carol.get(reverse("admin:plans_plan_changelist")).content.decode()
    assert str(plan.person_id)[:8] in page
    for word in ("sleep better", "alice", *(item.title for item in current_plan(plan.person_id).items)):  # type: ignore[union-attr]
        assert word not in page


def test_the_front_page_asks_why_and_shows_no_words(plan: Plan, as_carol: Client) -> None:
    page = as_carol.get(reverse("admin:plans_plan_change", args=[plan.pk])).content.decode()
    assert "Why do you open this plan?" in page
    assert "sleep better" not in page
    assert not Access.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "abc"])
def test_without_a_reason_nothing_opens(plan: Plan, as_carol: Client, reason: str) -> None:
    answer = as_carol.post(reverse("admin:plans_plan_open", args=[plan.pk]), {"reason": reason})
    assert answer.status_code == 200
    assert "sleep better" not in answer.content.decode()
    assert not Access.objects.exists()


def test_opening_is_written_down_for_the_person(plan: Plan, alice: User, as_carol: Client, reading: str) -> None:
    page = as_carol.get(reading)
    assert "sleep better" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    seen = accesses_to(alice.pk)
    assert [(one.actor_name, one.reason) for one in seen] == [("carol", "weekly review")]
    assert "plan" in seen[0].what


def test_another_counsellor_cannot_use_the_reading(plan: Plan, dan: User, reading: str) -> None:
    client = Client()
    client.force_login(dan)
    answer = client.get(reading)
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:plans_plan_change", args=[plan.pk]))


def test_a_reading_ends(plan: Plan, as_carol: Client, reading: str) -> None:
    from django.utils import timezone

    Access.objects.update(at=timezone.now() - selectors.READING_LASTS)
    assert as_carol.get(reading).status_code == 302
    assert as_carol.post(reading, {"action": "approve"}).status_code == 302
    plan.refresh_from_db()
    assert plan.state == Plan.State.DRAFT


def test_approve_on_the_page(plan: Plan, carol: User, as_carol: Client, reading: str) -> None:
    as_carol.post(reading, {"action": "approve"})
    plan.refresh_from_db()
    assert (plan.state, plan.approved_by) == (Plan.State.ACTIVE, carol)
    approved_at = plan.approved_at
    as_carol.post(reading, {"action": "approve"})
    plan.refresh_from_db()
    assert plan.approved_at == approved_at, "a double submit approves once"


def test_change_and_remove_on_the_page(plan: Plan, alice: User, as_carol: Client, reading: str) -> None:
    first, second = plan.items.all()[:2]
    as_carol.post(reading, {"action": "edit", "item": first.pk, "title": "Softer", "details": "So", "minutes": "3"})
    as_carol.post(reading, {"action": "remove", "item": second.pk})
    view = current_plan(alice.pk)
    assert view is not None
    assert (view.items[0].title, view.items[0].minutes) == ("Softer", 3)
    assert second.pk not in {item.id for item in view.items}


@pytest.mark.parametrize("item", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_step_of_no_plan_is_refused(plan: Plan, as_carol: Client, reading: str, item: str) -> None:
    answer = as_carol.post(reading, {"action": "edit", "item": item, "title": "x", "minutes": "3"}, follow=True)
    assert "no longer in the plan" in answer.content.decode()


def test_a_step_of_another_persons_plan_is_refused(
    plan: Plan, bob: User, make_plan: Callable[..., Plan], as_carol: Client, reading: str
) -> None:
    theirs = make_plan(bob).items.all()[0]
    as_carol.post(reading, {"action": "remove", "item": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.removed_at is None


@pytest.mark.parametrize("role", ["client", "operator"])
def test_others_find_nothing(plan: Plan, make_person: Callable[..., User], role: str) -> None:
    other = make_person("mallory", role=role)
    client = Client()
    client.force_login(other)
    urls = [
        reverse("admin:plans_plan_change", args=[plan.pk]),
        reverse("admin:plans_plan_open", args=[plan.pk]),
        reverse("admin:plans_library"),
    ]
    for url in urls:
        assert client.post(url, {"reason": "let me in"}).status_code in (302, 403, 404)
        assert "sleep better" not in client.get(url, follow=True).content.decode()
    assert not Access.objects.exists()
    with pytest.raises(ApplicationError, match="forbidden"):
        services.approve(plan_id=plan.pk, user=other)
    with pytest.raises(ApplicationError, match="forbidden"):
        services.open_for_review(user=other, plan_id=plan.pk, reason="let me in")


def test_nobody_approves_what_they_have_not_read(plan: Plan, carol: User, dan: User) -> None:
    log_access(actor=carol, person_id=plan.person_id, what="plan", object_id=plan.pk, reason="weekly review")
    with pytest.raises(ApplicationError, match="not_read"):
        services.approve(plan_id=plan.pk, user=dan)
    assert services.approve(plan_id=plan.pk, user=carol).state == Plan.State.ACTIVE


def test_approving_replaces_the_plan_before(
    plan: Plan, told: User, make_plan: Callable[..., Plan], approve: Callable[[Plan], Plan]
) -> None:
    from datetime import timedelta

    from django.utils import timezone

    approve(plan)
    Plan.objects.update(drafted_at=timezone.now() - timedelta(hours=1))
    second = make_plan(told)
    plan.refresh_from_db()
    assert plan.state == Plan.State.ACTIVE, "the approved plan counts until the next one is approved"
    approve(second)
    plan.refresh_from_db()
    assert plan.state == Plan.State.REPLACED
    with pytest.raises(ApplicationError, match="not_a_draft"):
        approve(plan)


def test_the_library_is_shown_with_its_review_state(as_carol: Client) -> None:
    page = as_carol.get(reverse("admin:plans_library")).content.decode()
    assert "One small activity, then rest" in page
    assert "clinician_first" in page


def test_export_and_erasure_hold_plans(plan: Plan, alice: User) -> None:
    from accounts.rights import erase_person, export_person

    exported = export_person(alice.pk)["plans"]["plans"]
    assert exported[0]["goals"] == ["sleep better", "feel less alone"]
    assert len(exported[0]["steps"]) == plan.items.count()
    erase_person(person_id=alice.pk)
    assert not Plan.objects.exists()
