"""The weekly report: figures that can be recomputed by hand, charts without scripts, a table to take along."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.review.test_transcript import QUEUE
from tests.safety.conftest import CANARY, Raise
from therapy.chat.models import ChatSession
from therapy.review import charts, report
from therapy.safety.drills import PERSON_ID
from therapy.safety.models import Alert


def monday() -> datetime:
    now = timezone.now()
    return (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([], 0.5, None), ([7], 0.95, 7), ([1, 2, 3, 4], 0.5, 2), (list(range(1, 101)), 0.95, 95)],
)
def test_percentiles_are_of_the_nearest_rank(values: list[float], share: float, found: float | None) -> None:
    assert report.percentile(values, share) == found


@pytest.mark.parametrize(("highest", "top"), [(0, 1), (1, 1), (3, 5), (7, 10), (11, 20), (240, 500), (0.3, 0.5)])
def test_axes_end_on_round_numbers(highest: float, top: float) -> None:
    assert charts.ceiling(highest) == pytest.approx(top)


def test_figures_of_a_week(raise_risk: Raise, alice: User) -> None:
    for seconds in (30, 90, 600):
        session = ChatSession.objects.create(person=alice, language="en")
        (alert_id,) = raise_risk(RiskLevel.HIGH, within=session).alert_ids
        made = Alert.objects.get(pk=alert_id).created_at
        Alert.objects.filter(pk=alert_id).update(acknowledged_at=made + timedelta(seconds=seconds))
    raise_risk(RiskLevel.MODERATE)
    week = report.weeks(1)[0]
    assert (week.alerts[3], week.flags_total, week.taken, week.p50, week.p95) == (3, 4, 3, 90, 600)
    assert report.weeks(2)[0].alerts_total == 0


def test_drills_do_not_count(raise_risk: Raise, alice: User) -> None:
    drill = User.objects.filter(pk=PERSON_ID).first() or User.objects.create(pk=PERSON_ID, username="a-drill")
    raise_risk(RiskLevel.IMMINENT, within=ChatSession.objects.create(person=drill, language="en"))
    assert report.weeks(1)[0].alerts_total == 0
    assert report.weeks(1)[0].flags_total == 0


def test_page_draws_charts_and_names_nobody(desk: Client, raise_risk: Raise, alice: User) -> None:
    raise_risk(RiskLevel.IMMINENT)
    body = desk.get(f"{QUEUE}report/").content.decode()
    assert body.count('<svg class="desk-chart"') == 3
    assert "desk-chart__bar--4" in body
    assert CANARY not in body
    assert alice.username not in body


def test_table_to_take_along(desk: Client, raise_risk: Raise) -> None:
    raise_risk(RiskLevel.IMMINENT)
    answer = desk.get(f"{QUEUE}report.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 26
    assert rows[-1]["week"] == monday().date().isoformat()
    assert rows[-1]["alerts_imminent"] == "1"
    assert set(rows[0]) == set(report.COLUMNS)
