"""Measurements per second through the interface for devices, and milliseconds until the state is read anew."""

from __future__ import annotations

import json
import time
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from accounts import services as people
from accounts.models import Consent, User
from tests.benchmarks.tables import percentile, table
from therapy.signals import selectors, services, tokens
from therapy.signals.kinds import KINDS
from therapy.signals.switches import SWITCHES

BATCHES, ROWS = 30, 1000
LIVE = 200
_NAMES = ("heart_rate", "click_rate", "focus_changes", "typing_interval", "pause_share")


def person() -> User:
    """Somebody who allows everything."""
    user = User.objects.create_user("bench", password=None)
    people.state_age_and_disclosure(person_id=user.pk)
    people.decide_consent(person_id=user.pk, purpose=Consent.Purpose.SERVICE, granted=True)
    for kind in SWITCHES:
        services.switch(person_id=user.pk, kind=kind, granted=True)
    return user


def taken_in(user: User) -> list[object]:
    """Batches of a thousand rows, five kinds, a reading every ten seconds, over HTTP as a device sends them."""
    settings.ALLOWED_HOSTS = ["*"]
    token = tokens.make(person_id=user.pk, name="bench", scopes=[name for name in KINDS if name != "self_a"][:14])
    client, first, times = Client(), timezone.now() - timedelta(days=2), []
    for batch in range(BATCHES):
        rows = [
            {
                "kind": _NAMES[row % 5],
                "at": (first + timedelta(seconds=2 * (batch * ROWS + row))).isoformat(),
                "value": (70, 14, 2, 190, 0.2)[row % 5] + row % 3 * 0.1,
            }
            for row in range(ROWS)
        ]
        body = json.dumps({"observations": rows})
        began = time.perf_counter()
        answer = client.post(
            "/api/v1/observations", body, content_type="application/json", headers={"authorization": f"Bearer {token}"}
        )
        times.append(time.perf_counter() - began)
        assert answer.json()["accepted"] == ROWS, answer.json()
    rate = BATCHES * ROWS / sum(times)
    return [BATCHES * ROWS, f"{rate:.0f}", *(f"{1000 * percentile(times, share):.0f}" for share in (0.5, 0.95))]


def updates(user: User) -> tuple[list[object], list[object]]:
    """The state read anew from eight hours of windows; and a live batch of five rows with everything around it."""
    kept, states, batches = selectors.kept_of(user.pk), [], []
    for turn in range(LIVE):
        now = timezone.now()
        began = time.perf_counter()
        selectors.view_of(kept, selectors.now_of(user.pk, kept, now))
        states.append(1000 * (time.perf_counter() - began))
        rows = [{"kind": name, "at": now.isoformat(), "value": 60 + turn % 7} for name in ("heart_rate", "click_rate")]
        began = time.perf_counter()
        services.ingest(person_id=user.pk, rows=rows, source=f"live{turn}", kinds=frozenset(KINDS))
        batches.append(1000 * (time.perf_counter() - began))
    return (
        ["state alone", LIVE, *(f"{percentile(states, share):.1f}" for share in (0.5, 0.95, 0.99))],
        [
            "live batch of two, stored and read",
            LIVE,
            *(f"{percentile(batches, share):.1f}" for share in (0.5, 0.95, 0.99)),
        ],
    )


def main() -> None:
    """Print both tables."""
    config = setup_databases(verbosity=0, interactive=False)
    try:
        user = person()
        table(["observations", "observations/s", "batch p50 ms", "batch p95 ms"], [taken_in(user)])
        print()
        table(["update", "count", "p50 ms", "p95 ms", "p99 ms"], list(updates(user)))
    finally:
        teardown_databases(config, verbosity=0)
