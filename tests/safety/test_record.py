"""Message, flag and alert are one; an alert comes once per session and level; a dead broker loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import User
from ml.types import Evidence, RiskAssessment, RiskLevel, Source
from tests.safety.conftest import CANARY, Raise, assessed, write
from therapy.celery import app
from therapy.chat.models import ChatSession, Message
from therapy.safety import selectors, services, tasks
from therapy.safety.models import Alert, RiskFlag

OnCommit = Callable[..., object]


def test_rollback_leaves_no_message_flag_or_alert(session: ChatSession, queued: list[object]) -> None:
    def write_and_fail() -> None:
        with transaction.atomic():
            message = write(session)
            services.record_screening(
                person_id=session.person_id,
                session_id=session.pk,
                message_id=message.pk,
                assessment=assessed(RiskLevel.HIGH),
            )
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert (Message.objects.count(), RiskFlag.objects.count(), Alert.objects.count()) == (0, 0, 0)
    assert queued == []


@pytest.mark.parametrize("level", [RiskLevel.NONE, RiskLevel.LOW])
def test_below_moderate_raises_no_flag(raise_risk: Raise, level: RiskLevel) -> None:
    screened = raise_risk(level)
    assert (screened.flag_id, screened.alert_ids) == (None, ())
    assert not RiskFlag.objects.exists()


def test_moderate_raises_a_flag_and_no_alert(raise_risk: Raise) -> None:
    screened = raise_risk(RiskLevel.MODERATE)
    assert RiskFlag.objects.get().pk == screened.flag_id
    assert not Alert.objects.exists()


def test_flag_keeps_offsets_and_no_words(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    flag = RiskFlag.objects.get()
    assert flag.evidence == [{"source": "rule", "rule": "zh.plan.1", "level": 3, "start": 0, "end": 5}]
    assert (flag.detector, flag.scores) == ("rules-test", {"risk": 0.9})


def test_one_open_alert_per_session_and_level(raise_risk: Raise) -> None:
    first, second = raise_risk(RiskLevel.HIGH), raise_risk(RiskLevel.HIGH)
    assert RiskFlag.objects.count() == 2
    assert [alert.pk for alert in Alert.objects.all()] == list(first.alert_ids)
    assert second.alert_ids == ()


def test_higher_level_breaks_through(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    screened = raise_risk(RiskLevel.IMMINENT)
    assert len(screened.alert_ids) == 1
    assert sorted(Alert.objects.values_list("level", flat=True)) == [3, 4]


def test_closed_alert_may_come_again(raise_risk: Raise) -> None:
    first = raise_risk(RiskLevel.HIGH)
    assert first.flag_id
    services.close_flags(flag_ids=[first.flag_id])
    assert raise_risk(RiskLevel.HIGH).alert_ids
    assert Alert.objects.count() == 2


def test_old_open_alert_is_sent_again_for_the_newer_flag(raise_risk: Raise, carol: User) -> None:
    first = raise_risk(RiskLevel.HIGH)
    services.acknowledge_alert(alert_id=first.alert_ids[0], user=carol)
    long_ago = timezone.now() - timedelta(hours=2)
    Alert.objects.update(status=Alert.Status.SENT, sent_at=long_ago, created_at=long_ago)
    second = raise_risk(RiskLevel.HIGH)
    alert = Alert.objects.get()
    assert second.alert_ids == (alert.pk,)
    assert (alert.status, alert.flag_id, alert.acknowledged_at) == (Alert.Status.PENDING, second.flag_id, None)


def test_queue_is_given_the_id_alone(
    raise_risk: Raise, queued: list[object], django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        screened = raise_risk(RiskLevel.HIGH)
    assert queued == [(str(screened.alert_ids[0]),)]


def test_broker_fault_after_commit_does_not_reach_the_caller(
    raise_risk: Raise, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: OnCommit
) -> None:
    def refuse(*args: object) -> None:
        raise OperationalError("Error 111 connecting")

    monkeypatch.setattr(tasks.deliver_alert, "delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        raise_risk(RiskLevel.IMMINENT)
    assert Alert.objects.get().status == Alert.Status.PENDING


def test_dead_broker_is_given_up_on_quickly(
    raise_risk: Raise, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: OnCommit
) -> None:
    dead = app.connection_for_write("redis://127.0.0.1:1/0")
    monkeypatch.setattr(app, "connection_for_write", lambda *args, **kwargs: dead)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    started = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        raise_risk(RiskLevel.HIGH)
    assert timezone.now() - started < timedelta(seconds=5)
    assert Alert.objects.get().status == Alert.Status.PENDING


def test_retraction_does_not_clear_the_state(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.HIGH)
    screened = raise_risk(RiskLevel.NONE, "negation", text="逗你的")
    assert screened.level == RiskLevel.NONE
    assert screened.effective >= RiskLevel.MODERATE


def test_state_counts_in_another_session_of_the_person_and_not_for_bob(
    raise_risk: Raise, alice: User, bob: User
) -> None:
    raise_risk(RiskLevel.HIGH)
    hers = ChatSession.objects.create(person=alice)
    his = ChatSession.objects.create(person=bob)
    assert raise_risk(RiskLevel.NONE, within=hers).effective >= RiskLevel.MODERATE
    assert raise_risk(RiskLevel.NONE, within=his).effective == RiskLevel.NONE


def test_evidence_and_rows_hold_no_canary(raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT)
    for model in (RiskFlag, Alert):
        assert CANARY not in repr(list(model.objects.values()))


def test_ids_are_those_of_the_rows(raise_risk: Raise) -> None:
    screened = raise_risk(RiskLevel.IMMINENT)
    assert isinstance(screened.flag_id, UUID)
    assert Alert.objects.get().flag_id == screened.flag_id


def test_what_only_the_reader_guessed_is_not_said_plainly(session: ChatSession) -> None:
    assert selectors.is_said_plainly(session.pk, session.person_id)

    def record(level: RiskLevel, source: Source) -> None:
        found = RiskAssessment(level, "plan", "zh", "test", evidence=(Evidence(source, "x", level, 0, 2),))
        services.record_screening(
            person_id=session.person_id, session_id=session.pk, message_id=write(session).pk, assessment=found
        )

    record(RiskLevel.MODERATE, "classifier")
    assert not selectors.is_said_plainly(session.pk, session.person_id)
    record(RiskLevel.MODERATE, "rule")
    assert selectors.is_said_plainly(session.pk, session.person_id)


def test_yesterdays_high_of_another_session_makes_a_guess_of_today_plain(
    raise_risk: Raise, session: ChatSession, bob: User
) -> None:
    elsewhere = ChatSession.objects.create(person_id=session.person_id)
    raise_risk(RiskLevel.HIGH, within=elsewhere)
    guessed = RiskAssessment(
        RiskLevel.MODERATE, "plan", "en", "test", evidence=(Evidence("classifier", "x", RiskLevel.MODERATE, 0, 2),)
    )
    services.record_screening(
        person_id=session.person_id, session_id=session.pk, message_id=write(session).pk, assessment=guessed
    )
    assert selectors.is_said_plainly(session.pk, session.person_id)
    RiskFlag.objects.filter(session=elsewhere).update(created_at=timezone.now() - timedelta(hours=25))
    assert not selectors.is_said_plainly(session.pk, session.person_id)


def test_high_counts_as_said_plainly_whoever_found_it(session: ChatSession) -> None:
    guessed = Evidence("classifier", "x", RiskLevel.HIGH, 0, 2)
    found = RiskAssessment(RiskLevel.HIGH, "plan", "zh", "test", evidence=(guessed,))
    services.record_screening(
        person_id=session.person_id, session_id=session.pk, message_id=write(session).pk, assessment=found
    )
    assert selectors.is_said_plainly(session.pk, session.person_id)
