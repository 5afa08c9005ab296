"""Drafting: once, from what is known, sealed, and also when the queue is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import Consent, User
from accounts.services import decide_consent, update_profile
from ml.planning.inputs import PERSON
from ml.types import RiskAssessment, RiskLevel
from therapy.core.errors import ApplicationError
from therapy.plans import drafting, gathering, services, tasks
from therapy.plans.models import Plan, PlanItem
from therapy.plans.selectors import current_plan
from therapy.safety import person_risk

pytestmark = pytest.mark.django_db


def test_a_draft_uses_goals_reason_and_feelings(plan: Plan, alice: User) -> None:
    view = current_plan(alice.pk)
    assert view is not None
    assert plan.state == Plan.State.DRAFT
    assert view.goals == ("sleep better", "feel less alone")
    assert 3 <= len(view.items) <= 6
    reasons = " ".join(item.because for item in view.items)
    assert "one of your goals is about sleep" in reasons
    assert "you often felt afraid lately" in reasons
    assert "keep me awake" not in reasons, "the person's own words are never repeated"


def test_drafting_twice_changes_nothing(plan: Plan) -> None:
    before = list(PlanItem.objects.values_list("pk", flat=True))
    assert drafting.draft(plan.pk) is False
    tasks.draft_plan(str(plan.pk))
    assert list(PlanItem.objects.values_list("pk", flat=True)) == before


def test_a_plan_that_is_gone_is_no_fault(alice: User) -> None:
    plan = services.request_draft(person_id=alice.pk)
    Plan.objects.all().delete()
    assert drafting.draft(plan.pk) is False


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_draft_once(told: User) -> None:
    plan = services.request_draft(person_id=told.pk)
    gate, results = threading.Barrier(2), []

    def work() -> None:
        gate.wait()
        results.append(drafting.draft(plan.pk))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(results) == [False, True]
    positions = list(plan.items.values_list("position", flat=True))
    assert positions == list(range(1, len(positions) + 1))


def test_asking_twice_gives_one_version(alice: User) -> None:
    assert services.request_draft(person_id=alice.pk) == services.request_draft(person_id=alice.pk)
    assert Plan.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_ask_at_once_get_one_version(alice: User) -> None:
    gate, results = threading.Barrier(3), []

    def ask() -> None:
        gate.wait()
        results.append(services.request_draft(person_id=alice.pk).pk)
        connections.close_all()

    windows = [threading.Thread(target=ask) for _ in range(3)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    assert len(set(results)) == 1


def test_the_task_gets_the_id_alone(
    alice: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks.draft_plan, "delay", lambda *args: sent.append(args))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        plan = services.request_draft(person_id=alice.pk)
    assert sent == [(str(plan.pk),)]


def test_a_dead_broker_keeps_the_row_and_the_sweep_drafts_it(
    told: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    def dead(*args: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.draft_plan, "delay", dead)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        plan = services.request_draft(person_id=told.pk)
    assert Plan.objects.get().state == Plan.State.DRAFTING
    assert drafting.sweep() == 0, "a task may still come"
    Plan.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    tasks.sweep_drafts()
    plan.refresh_from_db()
    assert plan.state == Plan.State.DRAFT
    assert plan.items.count() >= 3


def test_one_lost_key_does_not_stop_the_sweep(told: User, bob: User) -> None:
    from accounts import keys

    for person in (bob, told):
        services.request_draft(person_id=person.pk)
    keys.destroy(bob.pk)
    Plan.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert drafting.sweep() == 1
    assert Plan.objects.get(person=told).state == Plan.State.DRAFT


def test_without_consent_to_health_data_nothing_is_drafted(alice: User) -> None:
    decide_consent(person_id=alice.pk, purpose=Consent.Purpose.HEALTH_DATA, granted=False)
    with pytest.raises(ApplicationError, match="no_consent"):
        services.request_draft(person_id=alice.pk)
    assert services.request_draft_if_ready(person_id=alice.pk, user_messages=9) is None
    assert not Plan.objects.exists()


def test_without_consent_to_emotion_reading_feelings_are_not_used(told: User, make_plan: Callable[..., Plan]) -> None:
    decide_consent(person_id=told.pk, purpose=Consent.Purpose.EMOTION_READING, granted=False)
    make_plan(told)
    view = current_plan(told.pk)
    assert view is not None
    assert all("felt" not in item.because for item in view.items)


def test_the_first_plan_comes_after_a_first_talk(alice: User, bob: User) -> None:
    assert services.request_draft_if_ready(person_id=alice.pk, user_messages=2) is None
    assert services.request_draft_if_ready(person_id=alice.pk, user_messages=3) is not None
    assert services.request_draft_if_ready(person_id=alice.pk, user_messages=4) is None, "one is there already"
    bob.profile.onboarded_at = None
    bob.profile.save()
    assert services.request_draft_if_ready(person_id=bob.pk, user_messages=9) is None


def test_old_feelings_are_not_called_recent(told: User) -> None:
    from therapy.observations.models import Observation

    Observation.objects.update(at=timezone.now() - timedelta(days=15))
    assert gathering.feelings_of(told.pk) == ()


def test_a_new_draft_replaces_the_draft_and_keeps_own_steps(
    plan: Plan, told: User, make_plan: Callable[..., Plan]
) -> None:
    from uuid import uuid4

    from therapy.plans.wording import StepWords

    services.add_item(person_id=told.pk, item_id=uuid4(), words=StepWords("Feed the cat"))
    Plan.objects.update(drafted_at=timezone.now() - timedelta(hours=1))
    second = make_plan(told)
    plan.refresh_from_db()
    assert (plan.state, second.version) == (Plan.State.REPLACED, 2)
    assert plan.items.count() > 0, "old versions are kept"
    view = current_plan(told.pk)
    assert view is not None
    assert view.items[-1].title == "Feed the cat"
    assert view.items[-1].is_own


def test_a_draft_right_after_a_draft_is_refused(plan: Plan, told: User) -> None:
    with pytest.raises(ApplicationError, match="too_soon"):
        services.request_draft(person_id=told.pk)


def test_with_high_risk_only_bridging_steps_are_drafted(told: User, make_plan: Callable[..., Plan]) -> None:
    person_risk.advance(told.pk, RiskLevel.HIGH)
    plan = make_plan(told)
    assert plan.items.first().technique == PERSON  # type: ignore[union-attr]
    view = current_plan(told.pk)
    assert view is not None
    assert view.is_paused
    assert not view.waiting_items, "nothing was drafted that would have to wait"


def test_danger_in_the_profile_counts_too(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def screen(text: str, context: object, language: object) -> RiskAssessment:
        level = RiskLevel.HIGH if "end it" in text else RiskLevel.NONE
        return RiskAssessment(level=level, kind="plan", language="en", version="test")

    monkeypatch.setattr(gathering.screening, "screen", screen)
    update_profile(person_id=alice.pk, words={"reason": "i will end it"})
    assert gathering.inputs_for(alice.pk).risk == RiskLevel.HIGH


def test_risk_flags_carry_cautions(alice: User) -> None:
    from therapy.chat.models import ChatSession, Message
    from therapy.safety.models import RiskFlag

    session = ChatSession.objects.create(person=alice)
    message = Message.objects.create(session=session, seq=1, role="user", body_sealed=b"x")
    RiskFlag.objects.create(person=alice, session=session, message=message, level=2, kind="psychosis", detector="test")
    assert gathering.kinds_of(alice.pk) == ("psychosis",)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"goals": "x" * 100_000, "reason": "y" * 100_000},
        {"goals": "\n".join(["sleep"] * 5_000)},
        {"reason": "<script>alert(1)</script>\x00\u202e\ud800🙂"},
    ],
)
def test_any_profile_gives_a_small_plan(alice: User, make_plan: Callable[..., Plan], words: dict[str, str]) -> None:
    update_profile(person_id=alice.pk, words=words)
    plan = make_plan(alice)
    assert 3 <= plan.items.count() <= 6
    view = current_plan(alice.pk)
    assert view is not None
    assert len(view.goals) <= gathering.MOST_GOALS
    assert all(len(goal) <= gathering.GOAL_CHARACTERS for goal in view.goals)


def test_a_chinese_profile_gives_a_chinese_plan(alice: User, make_plan: Callable[..., Plan]) -> None:
    update_profile(person_id=alice.pk, words={"goals": "想睡好一点"}, language="zh-hans")
    plan = make_plan(alice)
    view = current_plan(alice.pk)
    assert view is not None
    assert (plan.language, view.html_language) == ("zh", "zh-Hans")
    assert any("你的目标和睡眠有关" in item.because for item in view.items)


def test_no_word_stands_readable_in_the_database(
    alice: User, make_plan: Callable[..., Plan], caplog: pytest.LogCaptureFixture
) -> None:
    from uuid import uuid4

    from therapy.plans.wording import StepWords

    caplog.set_level(logging.DEBUG)
    canary = "canary-7f3a sleeps badly"
    update_profile(person_id=alice.pk, words={"goals": canary, "reason": canary})
    make_plan(alice)
    services.add_item(person_id=alice.pk, item_id=uuid4(), words=StepWords(canary, canary))
    view = current_plan(alice.pk)
    assert view is not None
    assert view.goals == (canary,)
    secrets = [canary, *(item.title for item in view.items), *(item.because for item in view.items if item.because)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(p)::text FROM plans_plan p UNION ALL SELECT to_jsonb(i)::text FROM plans_planitem i"
        )
        rows = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT goals_sealed FROM plans_plan UNION ALL SELECT title_sealed FROM plans_planitem")
        raw = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert len(rows) >= 4
    for secret in secrets:
        assert not any(secret in row or secret.encode().hex() in row for row in rows)
        assert secret.encode() not in raw
        assert secret not in caplog.text


def test_a_step_moved_to_another_row_cannot_be_opened(plan: Plan) -> None:
    from accounts.errors import SealBroken

    first, second = plan.items.all()[:2]
    first.title_sealed = second.title_sealed
    first.save()
    with pytest.raises(SealBroken):
        current_plan(plan.person_id)
