"""The delivery loop as a process of its own: no Redis, no Celery, ends at SIGTERM, outlives a missing Postgres."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from ml.types import RiskLevel
from tests.safety.conftest import CANARY, Raise
from therapy.safety.models import Alert

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
NOBODY = "redis://127.0.0.1:1/0"


def environment(outbox: Path, database: str) -> dict[str, str]:
    """Mail into files, the test's database, and a Redis that is not there."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "therapy.settings.development",
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{database}")),
        "REDIS_URL": NOBODY,
        "EMAIL_URL": f"filemail:///{outbox}",
    }


def mails(outbox: Path) -> str:
    """Everything mailed so far."""
    return "".join(path.read_text() for path in outbox.glob("*.log"))


def wait_for(is_true: Callable[[], object], seconds: float = 20) -> None:
    """Poll until something holds."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the loop; whatever is left is ended."""
    running: list[subprocess.Popen[str]] = []

    def run(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "deliver_alerts", *arguments]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()


def test_once_with_redis_and_celery_stopped(
    raise_risk: Raise, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    raise_risk(RiskLevel.IMMINENT)
    process = start(environment(tmp_path, connection.settings_dict["NAME"]), "--once")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "sent 1" in output
    assert Alert.objects.get().status == Alert.Status.SENT
    assert "level: imminent" in mails(tmp_path)
    assert CANARY not in mails(tmp_path) + output


def test_loop_sends_new_alerts_and_ends_at_sigterm(
    raise_risk: Raise, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    process = start(environment(tmp_path, connection.settings_dict["NAME"]), "--interval", "0.2")
    raise_risk(RiskLevel.HIGH)
    wait_for(lambda: Alert.objects.get().status == Alert.Status.SENT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


def test_loop_outlives_a_missing_postgres(tmp_path: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    env = environment(tmp_path, "nothing_here")
    process = start(env, "--interval", "0.2")
    guard = threading.Timer(60, process.kill)
    guard.start()
    assert process.stdout
    assert any("postgres is away" in line for line in process.stdout), "it ended, or never said so"
    guard.cancel()
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=40)
    assert process.returncode == 0
