"""A browser in which Alice is signed in, and a practice she has begun."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from therapy.practice import services
from therapy.practice.body import Ratings
from therapy.practice.models import PracticeRun

BREATH = "prac-breath-46"


@pytest.fixture
def at_home(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def begun(alice: User) -> PracticeRun:
    return services.start(person_id=alice.pk, practice_id=BREATH, minutes=3, before=Ratings(3, 4, 5))
