"""Alice in front of her questionnaires."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from therapy.assessments import services
from therapy.assessments.models import Assessment
from therapy.observations.models import Observation

# 14 points with item 9 = 1.
FOURTEEN = {1: 2, 2: 2, 3: 2, 4: 2, 5: 1, 6: 2, 7: 1, 8: 1, 9: 1}
CALM = dict.fromkeys(range(1, 10), 0)

FillIn = Callable[..., Assessment]


@pytest.fixture
def at_home(client: Client, alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(alice)
    return client


@pytest.fixture
def fill_in(alice: User) -> FillIn:
    """Begin, answer and send as a person; `at` moves it to another time."""

    def fill(
        answers: Mapping[int, int], *, instrument: str = "phq9", at: datetime | None = None, person: User | None = None
    ) -> Assessment:
        whose = person or alice
        row = services.begin(person_id=whose.pk, instrument=instrument, language="en")
        services.answer(person_id=whose.pk, assessment_id=row.pk, values=answers)
        done = services.submit(person_id=whose.pk, assessment_id=row.pk)
        if at is not None:
            Assessment.objects.filter(pk=done.pk).update(done_at=at)
            Observation.objects.filter(pk=done.observation_id).update(at=at)
            done.refresh_from_db()
        return done

    return fill
