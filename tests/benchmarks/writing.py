"""Messages per second through `post_message`: screened, sealed, numbered, with the reply owed, one commit each."""

from __future__ import annotations

import time
from uuid import uuid4

from django.conf import settings
from django.test.utils import setup_databases, teardown_databases

from accounts.models import User
from tests.benchmarks.tables import percentile, table
from therapy.chat import services

COUNT = 400
TEXT = "I could not sleep again and the exam is on Monday, I keep thinking about what my mother will say"


def main() -> None:
    """Print the table."""
    settings.CHAT_MESSAGES_PER_MINUTE = 10**6
    config = setup_databases(verbosity=0, interactive=False)
    try:
        person = User.objects.create_user("bench", password=None)
        session = services.open_session(person_id=person.pk)
        times = []
        began = time.perf_counter()
        for _number in range(COUNT):
            start = time.perf_counter()
            services.post_message(person_id=person.pk, session_id=session.pk, client_id=uuid4(), text=TEXT)
            times.append(1000 * (time.perf_counter() - start))
        rate = COUNT / (time.perf_counter() - began)
    finally:
        teardown_databases(config, verbosity=0)
    row = [COUNT, f"{rate:.0f}", *(f"{percentile(times, share):.1f}" for share in (0.5, 0.95, 0.99))]
    table(["messages", "messages/s", "p50 ms", "p95 ms", "p99 ms"], [row])
