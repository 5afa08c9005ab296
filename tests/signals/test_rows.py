"""Rows for training: only of those who allow it, without names or dates, of the make that training reads."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import services as people
from accounts.models import Consent
from ml.simulation.rows import Rows
from therapy.signals import rows, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(open_alice):
    """A day of heart rates, and two words about herself."""
    now = timezone.now()
    batch = [
        {"kind": "heart_rate", "at": (now - timedelta(minutes=2 * step)).isoformat(), "value": 66 + step % 5}
        for step in range(700)
    ]
    batch += [{"kind": "self_e", "at": (now - timedelta(hours=hours)).isoformat(), "value": -0.5} for hours in (5, 1)]
    kinds = services.allowed_kinds(open_alice.pk, through_device=False)
    services.ingest(person_id=open_alice.pk, rows=batch, source="test", kinds=kinds)
    return open_alice


def allow(person, granted=True):
    people.decide_consent(person_id=person.pk, purpose=Consent.Purpose.TRAINING, granted=granted)


def test_nobody_is_taken_without_their_yes(told):
    assert rows.willing() == []
    allow(told)
    assert rows.willing() == [told.pk]
    allow(told, granted=False)
    assert rows.willing() == []


def test_rows_are_those_that_training_reads(told, tmp_path):
    allow(told)
    call_command("gather_attention_rows", tmp_path / "rows.npz", "--least", "1")
    found = Rows.load(tmp_path / "rows.npz")
    assert found.state[:, 1].tolist() == pytest.approx([-0.5, -0.5])
    assert found.x.shape[1:] == (48, 21)
    assert found.y[0, 8] != found.y[1, 8], "only the second report knows of the first"


def test_too_few_people_write_nothing(told, tmp_path):
    allow(told)
    with pytest.raises(CommandError, match="20 are needed"):
        call_command("gather_attention_rows", tmp_path / "rows.npz")
    assert not list(tmp_path.iterdir())
