"""A plan of Alice's, drafted for real, and short ways to look at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import log_access, update_profile
from therapy.observations import services as observations
from therapy.plans import drafting, services
from therapy.plans.models import Plan

WORDS = {"goals": "sleep better\nfeel less alone", "reason": "my exams keep me awake"}


@pytest.fixture
def told(alice: User) -> User:
    """Alice after onboarding and a first talk: goals, a reason, feelings and a topic."""
    update_profile(person_id=alice.pk, words=WORDS)
    for label in ("fear", "fear", "fear", "sadness", "neutral"):
        payload = {"label": label, "valence": -0.5, "arousal": 0.5, "scores": {label: 0.9}}
        observations.record(person_id=alice.pk, kind="emotion", payload=payload, source="test")
    observations.record(person_id=alice.pk, kind="topic", payload={"topics": ["exams_study"]}, source="test")
    return alice


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    """Ask for a plan and draft it at once, as the worker would."""

    def make(person: User) -> Plan:
        plan = services.request_draft(person_id=person.pk)
        assert drafting.draft(plan.pk)
        plan.refresh_from_db()
        return plan

    return make


@pytest.fixture
def plan(told: User, make_plan: Callable[..., Plan]) -> Plan:
    """Alice's first draft."""
    return make_plan(told)


@pytest.fixture
def as_alice(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def as_bob(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def as_carol(carol: User) -> Client:
    client = Client()
    client.force_login(carol)
    return client


@pytest.fixture
def approve(carol: User) -> Callable[[Plan], Plan]:
    """Carol reads a plan and approves it."""

    def do(plan: Plan) -> Plan:
        log_access(actor=carol, person_id=plan.person_id, what="plan", object_id=plan.pk, reason="weekly review")
        return services.approve(plan_id=plan.pk, user=carol)

    return do


def titles(person: User) -> Sequence[str]:
    """Titles of the person's current plan."""
    from therapy.plans.selectors import current_plan

    view = current_plan(person.pk)
    return [item.title for item in view.items] if view else []
