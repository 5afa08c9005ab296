"""The drill: green when all works, red with the failing step when something is broken, and gone without a trace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.oncall.conftest import Receiver
from therapy.chat.models import ChatSession, Turn
from therapy.core.errors import ApplicationError
from therapy.oncall import drill, selectors, tasks
from therapy.oncall.models import AlertStep, Drill
from therapy.review.selectors import open_counts
from therapy.safety import delivery, drills, report
from therapy.safety import selectors as safety
from therapy.safety.models import Alert, RiskFlag


def run(now: datetime) -> Drill:
    """A drill with the loop running beside it, every two seconds of its own clock."""
    begun = drill.begin(now)
    for seconds in range(0, 90, 5):
        delivery.sweep(now=now + timedelta(seconds=seconds))
        begun.refresh_from_db()
        if begun.state != Drill.State.RUNNING:
            break
    return begun


@pytest.fixture
def now(db: None) -> datetime:
    return timezone.now()


@pytest.mark.usefixtures("on_duty")
def test_all_well_is_green_and_leaves_nothing_behind(receiver: Receiver, now: datetime) -> None:
    done = run(now)
    assert (done.state, [step for step in done.steps if not step["is_ok"]]) == (Drill.State.PASSED, [])
    assert [step["name"].split()[0] for step in done.steps] == [
        "detection", "alert", "email", "webhook", "people", "queue", "acknowledgement", "end",
    ]  # fmt: skip
    assert [(body["event"], body["drill"]) for body in receiver.bodies] == [
        ("alert.raised", True),
        ("alert.acknowledged", True),
        ("alert.resolved", True),
    ]
    (message,) = mail.outbox
    assert message.to == ["on-call@localhost"], "nobody in person is disturbed"
    assert message.subject.startswith("[Attune] DRILL, nothing to do: ")
    for model in (RiskFlag, Alert, AlertStep, ChatSession, Turn):
        assert model.objects.count() == 0
    assert not User.objects.filter(username__startswith="attune-drill-").exists()
    assert selectors.last_drill(now=now).state == "passed"


@pytest.mark.usefixtures("on_duty")
def test_a_broken_webhook_is_red_and_named_and_green_again_when_mended(receiver: Receiver, now: datetime) -> None:
    receiver.status = 500
    run(now)
    shown = selectors.last_drill(now=now)
    assert shown.is_red
    (failed,) = shown.failed
    assert failed["name"].startswith("webhook generic 127.0.0.1")
    assert failed["detail"] == "http_500"
    receiver.status = 200
    run(now + timedelta(hours=1))
    assert selectors.last_drill(now=now + timedelta(hours=1)).state == "passed"


@pytest.mark.usefixtures("on_duty")
def test_mail_down_is_red(settings: Any, now: datetime) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    run(now)
    assert [step["name"] for step in selectors.last_drill(now=now).failed] == ["email on-call@localhost"]


def test_nobody_to_reach_is_red(now: datetime, settings: Any) -> None:
    settings.ALERT_EMAILS = []
    run(now)
    assert [step["name"] for step in selectors.last_drill(now=now).failed] == ["delivery", "people"]


@pytest.mark.usefixtures("on_duty")
def test_screening_that_finds_nothing_is_red(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "SAID", ("what a fine day", "今天天气很好"))
    run(now)
    assert [step["name"] for step in selectors.last_drill(now=now).failed] == ["detection", "alert"]


@pytest.mark.usefixtures("on_duty")
def test_a_loop_that_does_not_run_is_red(now: datetime) -> None:
    drill.begin(now)
    assert selectors.last_drill(now=now + timedelta(minutes=1)).state == "running"
    shown = selectors.last_drill(now=now + timedelta(minutes=4))
    assert (shown.is_red, shown.failed[0]["name"]) == (True, "delivery")


@pytest.mark.usefixtures("on_duty")
def test_no_drill_for_a_day_is_red(now: datetime) -> None:
    assert selectors.last_drill(now=now).state == "never"
    run(now)
    assert selectors.last_drill(now=now + timedelta(hours=27)).state == "late"


@pytest.mark.usefixtures("on_duty")
def test_the_task_begins_one_a_day() -> None:
    tasks.daily_drill()
    tasks.daily_drill()
    assert Drill.objects.count() == 1


@pytest.mark.usefixtures("on_duty")
def test_one_that_never_ended_has_failed_when_the_next_begins(now: datetime) -> None:
    drill.begin(now - timedelta(days=1))
    run(now)
    assert list(Drill.objects.order_by("began_at").values_list("state", flat=True)) == ["failed", "passed"]


@pytest.mark.usefixtures("on_duty")
def test_while_it_runs_it_is_in_no_list_and_no_report(now: datetime) -> None:
    drill.begin(now)
    assert Alert.objects.filter(session__person_id=drills.PERSON_ID).exists()
    assert list(safety.open_alerts()) == []
    counted = report.counts(now - timedelta(days=1), now + timedelta(days=1))
    assert (counted.cards, counted.alerts) == (0, {})


def test_its_account_cannot_sign_in(now: datetime) -> None:
    drill.begin(now)
    person = User.objects.get(pk=drills.PERSON_ID)
    assert not person.has_usable_password()
    assert (person.is_staff, person.email) == (False, "")


@pytest.mark.usefixtures("on_duty")
def test_one_at_a_time(now: datetime) -> None:
    drill.begin(now)
    with pytest.raises(ApplicationError):
        drill.begin(now + timedelta(seconds=5))
    assert Drill.objects.get().state == Drill.State.RUNNING


@pytest.mark.usefixtures("on_duty")
def test_a_loop_that_looks_while_the_sentences_are_said_waits(now: datetime) -> None:
    row = Drill.objects.create(began_at=now)
    drill.check(now + timedelta(seconds=2))
    row.refresh_from_db()
    assert row.state == Drill.State.RUNNING
    drill.check(now + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.state == Drill.State.FAILED


@pytest.mark.usefixtures("on_duty")
def test_no_counsellor_sees_it_in_the_queue(now: datetime, desk: Client) -> None:
    drill.begin(now)
    assert sum(row.count for row in open_counts()) == 0
    page = desk.get("/admin/safety/riskflag/").content.decode()
    assert not [pk for pk in RiskFlag.objects.values_list("pk", flat=True) if str(pk) in page]
