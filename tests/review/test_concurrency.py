"""A decision and a message of danger at the same moment: neither waits for ever, no danger stays without an alert."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.safety.conftest import Raise, assessed, write
from therapy.chat.models import ChatSession
from therapy.core.errors import ApplicationError
from therapy.review import services as review
from therapy.review.dispositions import Disposition
from therapy.safety import person_risk
from therapy.safety import services as safety
from therapy.safety.models import Alert, RiskFlag

pytestmark = pytest.mark.django_db(transaction=True)
DECISION = Disposition(
    outcome="true_alarm",
    action="contacted",
    level_given=2,
    desire="yes",
    plan="no",
    means="no",
    timeframe="unknown",
    contact="in_chat",
    note="spoke with them",
    whole_session=True,
    lower_risk=True,
)


def test_a_decision_takes_its_locks_in_the_order_of_a_message(
    transactional_db: None, raise_risk: Raise, session: ChatSession, carol: User
) -> None:
    """The old alert is sent again by a new message (which updates it) while a counsellor closes it."""
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    assert flag_id
    long_ago = timezone.now() - timedelta(hours=2)
    Alert.objects.update(status=Alert.Status.SENT, sent_at=long_ago, created_at=long_ago)
    message = write(session)
    holds_state = threading.Event()

    def decide() -> None:
        holds_state.wait(timeout=10)
        try:
            review.review_flag(user=carol, flag_id=flag_id, disposition=DECISION)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        decision: Future[None] = pool.submit(decide)
        with transaction.atomic():
            person_risk.advance(session.person_id, RiskLevel.HIGH)
            holds_state.set()
            # Long enough for the decision to come to the lock that is held here.
            with pytest.raises(TimeoutError):
                decision.result(timeout=1)
            safety.record_screening(
                person_id=session.person_id,
                session_id=session.pk,
                message_id=message.pk,
                assessment=assessed(RiskLevel.HIGH),
            )
        # Danger was written in the meantime: the level cannot go, and the counsellor sees the new message first.
        with pytest.raises(ApplicationError, match="alerts_open"):
            decision.result(timeout=10)
    assert RiskFlag.objects.filter(state=RiskFlag.State.OPEN).count() == 2
    newest = RiskFlag.objects.get(message=message)
    assert Alert.objects.get(resolved_at__isnull=True, acknowledged_at__isnull=True).flag_id == newest.pk


def test_danger_written_while_a_decision_closes_the_alert_raises_its_own(
    transactional_db: None, raise_risk: Raise, session: ChatSession, carol: User
) -> None:
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    assert flag_id
    message = write(session)

    def danger() -> None:
        try:
            safety.record_screening(
                person_id=session.person_id,
                session_id=session.pk,
                message_id=message.pk,
                assessment=assessed(RiskLevel.HIGH),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            review.review_flag(user=carol, flag_id=flag_id, disposition=replace(DECISION, lower_risk=False))
            written: Future[None] = pool.submit(danger)
            with pytest.raises(TimeoutError):
                written.result(timeout=1)
        written.result(timeout=10)
    newest = RiskFlag.objects.get(message=message)
    assert Alert.objects.get(resolved_at__isnull=True).flag_id == newest.pk
