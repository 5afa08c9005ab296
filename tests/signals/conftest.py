"""Alice with her switches on, a browser of hers, a device of hers, and batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from therapy.signals import services, tokens
from therapy.signals.switches import SWITCHES

Rows = list[dict[str, Any]]


@pytest.fixture
def open_alice(alice: User) -> User:
    """Alice has allowed everything."""
    for kind in SWITCHES:
        services.switch(person_id=alice.pk, kind=kind, granted=True)
    return alice


@pytest.fixture
def at_home(client: Client, open_alice: User) -> Client:
    """A browser in which Alice is signed in."""
    client.force_login(open_alice)
    return client


@pytest.fixture
def token(open_alice: User) -> str:
    """A device of Alice's that may send heart rate and beats."""
    return tokens.make(person_id=open_alice.pk, name="My watch", scopes=["heart_rate", "rr"])


@pytest.fixture
def beats() -> Callable[..., Rows]:
    """Heart rates, one a second, ending now."""

    def make(count: int = 20, *, value: float = 70, ago: timedelta = timedelta(0), every: float = 1.0) -> Rows:
        end = timezone.now() - ago
        times = [end - timedelta(seconds=every * step) for step in reversed(range(count))]
        return [
            {"kind": "heart_rate", "at": at.isoformat(), "value": value + step % 3} for step, at in enumerate(times)
        ]

    return make
