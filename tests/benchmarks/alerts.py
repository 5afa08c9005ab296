"""From the row of an alert to the first attempt at sending it: by the loop alone, and with the queue beside it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from accounts.models import User
from tests.benchmarks.tables import percentile, table
from therapy.chat import services
from therapy.oncall.models import AlertStep
from therapy.safety.models import Alert

COUNT = 100
DANGER = "I don't want to live anymore, the pills are ready"
LOOP = ("manage.py", "deliver_alerts")
WORKER = ("-m", "celery", "-q", "-A", "therapy", "worker", "-Q", "alerts", "-P", "prefork", "-c", "1")


@contextmanager
def running(*command: str) -> Iterator[None]:
    """One program on the database of this measurement, with mail into files."""
    url = urlsplit(os.environ["DATABASE_URL"])
    with tempfile.TemporaryDirectory() as outbox:
        environ = os.environ | {
            "DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}")),
            "DJANGO_SETTINGS_MODULE": "therapy.settings.development",
            "EMAIL_URL": f"filemail:///{outbox}",
            "ATTUNE_KEKS": ",".join(settings.ATTUNE_KEKS),
        }
        with open(os.devnull, "wb") as nowhere:
            process = subprocess.Popen([sys.executable, *command], env=environ, stdout=nowhere, stderr=nowhere)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def measure(name: str, *commands: tuple[str, ...]) -> list[object]:
    """Raise alerts at uneven moments and read from the history when each was first tried."""
    AlertStep.objects.all().delete()
    Alert.objects.all().delete()
    person = User.objects.create_user(f"bench-{uuid4().hex[:8]}", password=None)
    with ExitStack() as stack:
        for command in commands:
            stack.enter_context(running(*command))
        raise_one(person)
        wait_for(1)
        for _number in range(COUNT - 1):
            raise_one(person)
            time.sleep(random.uniform(0.05, 0.5))
        wait_for(COUNT)
    tried = AlertStep.objects.filter(channel="email").values_list("first_attempt_at", "alert__created_at")
    # The first one waited for the programs to start.
    waits = sorted((first - made).total_seconds() for first, made in tried if first)[:-1]
    return [name, len(waits), *(f"{percentile(waits, share):.2f}" for share in (0.5, 0.95, 0.99)), f"{waits[-1]:.2f}"]


def raise_one(person: User) -> None:
    """Danger in a conversation of its own."""
    session = services.open_session(person_id=person.pk)
    services.post_message(person_id=person.pk, session_id=session.pk, client_id=uuid4(), text=DANGER)


def wait_for(count: int) -> None:
    """Until so many alerts were sent."""
    end = time.monotonic() + 120
    while AlertStep.objects.filter(channel="email", outcome="sent").count() < count:
        if time.monotonic() > end:
            raise TimeoutError(f"fewer than {count} alerts were sent")
        time.sleep(0.2)


def main() -> None:
    """Print the table."""
    settings.CHAT_MESSAGES_PER_MINUTE = 10**6
    config = setup_databases(verbosity=0, interactive=False)
    try:
        rows = [measure("loop alone", LOOP), measure("loop and queue", LOOP, WORKER)]
    finally:
        teardown_databases(config, verbosity=0)
    table(["sent by", "alerts", "p50 s", "p95 s", "p99 s", "longest s"], rows)
