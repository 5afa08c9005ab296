"""What a person types into their plan is read for danger like a message: brought, shown help for, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import update_profile
from therapy.chat.models import Message
from therapy.chat.selectors import open_message
from therapy.plans import services
from therapy.plans.models import Plan, PlanItem
from therapy.plans.selectors import steps_for_prompt
from therapy.plans.wording import StepWords, words_of
from therapy.safety.models import Alert, RiskFlag

from .conftest import titles

pytestmark = pytest.mark.django_db
DANGER = "I want to kill myself tonight, the pills are here"
CHINESE = "我不想活了，药已经准备好了"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def followed(plan: Plan, approve: Callable[[Plan], Plan]) -> Plan:
    """Alice's plan, approved."""
    return approve(plan)


def said_by(person: User) -> list[str]:
    rows = Message.objects.filter(session__person=person, role=Message.Role.USER).order_by("seq")
    return [open_message(row, person.pk).text for row in rows]


def step(plan: Plan) -> PlanItem:
    item = plan.items.filter(removed_at=None).order_by("position").first()
    assert item is not None
    return item


@pytest.mark.parametrize("words", [DANGER, CHINESE])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_step_of_danger_brings_help_and_waits_outside_the_plan(
    followed: Plan, alice: User, as_alice: Client, words: str, headers: dict[str, str]
) -> None:
    item_id = uuid4()
    sent = {"item_id": str(item_id), "title": words, "minutes": "5"}
    for _twice in range(2):
        response = as_alice.post(reverse("plans:add"), sent, headers=headers)
        html = response.content.decode()
        assert "data-card" in html
        assert html.index("data-card") < html.index(reverse("plans:restore", args=[item_id]))
        assert response["HX-Reswap"] == "outerHTML show:window:top"
    flag = RiskFlag.objects.get(person=alice)
    assert flag.level >= 3
    assert Alert.objects.filter(flag=flag).exists()
    assert len(said_by(alice)) == 1
    assert words in said_by(alice)[0]
    assert words_of(PlanItem.objects.get(pk=item_id)).title == words, "kept all the same"
    assert words not in titles(alice)
    assert words not in steps_for_prompt(alice.pk)
    as_alice.post(reverse("plans:restore", args=[item_id]))
    assert words in titles(alice), "the person decides"


def test_harmless_steps_are_added_and_changed_as_before(followed: Plan, alice: User, as_alice: Client) -> None:
    sent = {"item_id": str(uuid4()), "title": "Feed the cat", "details": "one spoon", "minutes": "5"}
    assert "Added." in as_alice.post(reverse("plans:add"), sent, follow=True).content.decode()
    edited = {"title": "Water the plants", "details": "slowly", "minutes": "5"}
    as_alice.post(reverse("plans:edit", args=[step(followed).pk]), edited)
    assert {"Feed the cat", "Water the plants"} <= set(titles(alice))
    assert not RiskFlag.objects.exists()
    assert said_by(alice) == []


def test_a_changed_step_is_read_line_by_line(followed: Plan, alice: User, as_alice: Client) -> None:
    item = step(followed)
    before = words_of(item)
    services.edit_item(person_id=alice.pk, item_id=item.pk, words=StepWords(before.title, DANGER))
    place = reverse("plans:edit", args=[item.pk])
    as_alice.post(place, {"title": before.title, "details": f"{DANGER}\na glass of water", "minutes": "7"})
    assert said_by(alice) == [], "only what was newly typed"
    for _twice in range(2):
        html = as_alice.post(place, {"title": CHINESE, "details": DANGER, "minutes": "7"}).content.decode()
        assert "data-card" in html
    (said,) = said_by(alice)
    assert CHINESE in said
    assert DANGER not in said
    item.refresh_from_db()
    assert words_of(item).title == CHINESE
    assert item.removed_at


@pytest.mark.parametrize("words", [DANGER, CHINESE])
def test_why_a_step_is_declined_is_read(followed: Plan, alice: User, as_alice: Client, words: str) -> None:
    item = step(followed)
    place = reverse("today:decline", args=[item.pk])
    for _twice in range(2):
        html = as_alice.post(place, {"reason": "other", "words": words}).content.decode()
        assert "data-card" in html
        assert "It is out of your plan" in html
    assert RiskFlag.objects.filter(person=alice).count() == len(said_by(alice)) == 1
    item.refresh_from_db()
    assert item.removed_at
    assert item.removal_reason_sealed
    as_alice.post(reverse("today:decline", args=[step(followed).pk]), {"reason": "other", "words": "too long for me"})
    assert len(said_by(alice)) == 1


def test_why_a_version_is_declined_is_read(
    followed: Plan, alice: User, as_alice: Client, make_plan: Callable[..., Plan]
) -> None:
    Plan.objects.filter(pk=followed.pk).update(drafted_at=None)
    second = make_plan(alice)
    for _twice in range(2):
        html = as_alice.post(reverse("plans:decline", args=[second.version]), {"words": DANGER}).content.decode()
        assert "data-card" in html
    second.refresh_from_db()
    assert second.state == Plan.State.DECLINED
    assert second.decline_reason_sealed
    assert RiskFlag.objects.filter(person=alice).count() == len(said_by(alice)) == 1


def test_a_refused_change_hides_no_danger(
    followed: Plan, alice: User, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_STEPS", 0)
    html = as_alice.post(reverse("plans:add"), {"title": DANGER}).content.decode()
    assert "data-card" in html
    assert "Remove a step first." in html
    assert len(said_by(alice)) == 1
    assert DANGER not in titles(alice)


def test_help_speaks_the_language_of_the_page(followed: Plan, alice: User, as_alice: Client) -> None:
    update_profile(person_id=alice.pk, language="zh-hans")
    html = as_alice.post(reverse("plans:add"), {"title": CHINESE}).content.decode()
    assert "去看对话" in html
    assert "暂时不放进计划" in html
    assert said_by(alice) == [f"写在我的小步骤里：{CHINESE}"]


def test_what_a_counsellor_types_is_not_the_persons(followed: Plan, alice: User, carol: User) -> None:
    words = StepWords("When you want to kill yourself: call us", "")
    services.edit_item_at_desk(user=carol, plan_id=followed.pk, item_id=step(followed).pk, words=words)
    assert not RiskFlag.objects.exists()


def test_the_pages_say_so_beforehand(followed: Plan, as_alice: Client) -> None:
    followed.items.update(from_week=1, per_week=7, when="any", days=[])
    for place in ("/plan/", "/today/"):
        assert "read by a program for signs of danger" in as_alice.get(place).content.decode()
