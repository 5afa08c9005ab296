"""Server time of the pictures of one person with 10,000 measurements: read, opened, thinned, written as JSON."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from uuid import uuid4

from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from accounts import keys
from accounts.models import User
from tests.benchmarks.tables import percentile, table
from therapy.assessments import instruments
from therapy.observations.models import Observation
from therapy.observations.selectors import binding
from therapy.progress import pictures

COUNT, ROUNDS = 10_000, 20


def _fill(person: User) -> None:
    """Five years of mood and sleep, and a questionnaire a fortnight: 10,000 in all."""
    now, rows = timezone.now(), []
    for number in range(COUNT):
        at = now - timedelta(minutes=number * 260)
        if number % 80 == 0:
            kind, payload = "score.phq9", {"total": number % 28, "band": 1, "version": "bench"}
        elif number % 2:
            kind, payload = "mood", {"valence": (number % 21 - 10) / 10, "arousal": 0.1, "words": ["calm"]}
        else:
            kind, payload = "sleep", {"hours": 4 + number % 6, "quality": 3}
        row = Observation(id=uuid4(), person=person, kind=kind, at=at, source="bench")
        row.payload_sealed = keys.seal_text(json.dumps(payload), binding(row), person.pk)
        rows.append(row)
    Observation.objects.bulk_create(rows, batch_size=1000)


def main() -> None:
    """Print the table."""
    config = setup_databases(verbosity=0, interactive=False)
    try:
        person = User.objects.create_user("bench", password=None)
        _fill(person)
        phq9 = instruments.all_known()["phq9"]
        times, busy, size = [], [], 0
        for _round in range(ROUNDS):
            start, worked = time.perf_counter(), time.process_time()
            shown = [pictures.case(person.pk, phq9, "en"), pictures.diary(person.pk)]
            size = len(json.dumps(shown))
            times.append(1000 * (time.perf_counter() - start))
            busy.append(1000 * (time.process_time() - worked))
    finally:
        teardown_databases(config, verbosity=0)
    figures = [percentile(times, 0.5), percentile(times, 0.95), percentile(busy, 0.5), percentile(busy, 0.95)]
    row = [COUNT, *(f"{value:.0f}" for value in figures), f"{size / 1024:.0f}"]
    table(["measurements", "p50 ms", "p95 ms", "CPU p50 ms", "CPU p95 ms", "KiB to the browser"], [row])
