"""Talking about a step: one conversation, named in its first notice, and known to whoever replies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import log_access, update_profile
from therapy.chat import selectors, steps
from therapy.chat.models import ChatSession
from therapy.plans import drafting, services
from therapy.plans.models import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(alice: User, carol: User) -> Plan:
    """An approved plan of Alice's."""
    update_profile(person_id=alice.pk, words={"goals": "sleep better"})
    plan = services.request_draft(person_id=alice.pk)
    drafting.draft(plan.pk)
    log_access(actor=carol, person_id=alice.pk, what="plan", object_id=plan.pk, reason="first plan")
    return services.approve(plan_id=plan.pk, user=carol)


def test_the_step_is_named_and_stands_first(plan: Plan, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    item = list(plan.items.all())[-1]
    url = reverse("chat:about", args=[item.pk])
    places = {client.post(url)["Location"] for _ in range(2)}
    assert len(places) == 1, "pressed twice is one conversation"
    session = ChatSession.objects.get()
    title = steps.plans.open_step(alice.pk, item.pk).title  # type: ignore[union-attr]
    notices = [view.text for view in selectors.messages_since(session, 0, limit=10)]
    assert title in notices[-1]
    assert steps.steps_for_prompt(session)[0] == title
    services.remove_item(person_id=alice.pk, item_id=item.pk)
    assert title not in steps.steps_for_prompt(session), "a step that is gone is spoken of no more"


def test_nobody_elses_step_opens_a_talk(plan: Plan, bob: User, carol: User, make_person: Callable[..., User]) -> None:
    url = reverse("chat:about", args=[plan.items.all()[0].pk])
    for user in (bob, carol):
        client = Client()
        client.force_login(user)
        assert client.post(url).status_code == 404
        assert client.get(url).status_code == 405
    assert not ChatSession.objects.exists()
