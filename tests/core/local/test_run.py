"""`make run` as a person sees it: the box, a page, every program, a kind second start, nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from therapy.core.local.places import PROJECT

pytestmark = [pytest.mark.processes, pytest.mark.slow]
NAMED_ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ATTUNE_KEKS", "DJANGO_SETTINGS_MODULE", "PUBLIC_URL")
PROGRAMS = ("web", "beat", "delivery", "inference", "alerts", "default")


@dataclass
class Run:
    """One running `make run` and what it printed."""

    process: "subprocess.Popen[bytes]"
    local: Path
    port: int
    printed: Path

    def wait_for(self, text: str, seconds: float = 120) -> str:
        until = time.monotonic() + seconds
        while text not in (seen := self.printed.read_text()):
            assert self.process.poll() is None, seen
            assert time.monotonic() < until, seen
            time.sleep(0.1)
        return seen


def begin(local: Path, port: int, printed: Path) -> "subprocess.Popen[bytes]":
    environment = {key: value for key, value in os.environ.items() if key not in NAMED_ELSEWHERE}
    environment |= {"ATTUNE_LOCAL": str(local), "PORT": str(port)}
    with printed.open("wb") as handle:
        return subprocess.Popen(
            [sys.executable, "-m", "therapy.core.local", "run"],
            env=environment,
            cwd=PROJECT,
            stdout=handle,
            stderr=subprocess.STDOUT,
        )


def living_with(local: Path) -> list[str]:
    """Command lines of living processes that carry this run's folder in their environment, or serve from it."""
    found = []
    for process in psutil.process_iter(["status", "cmdline", "cwd"]):
        if process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        try:
            ours = process.environ().get("ATTUNE_LOCAL") == str(local)
        except psutil.Error:
            ours = False
        if ours or (process.info["cwd"] or "").startswith(str(local)):
            found.append(" ".join(process.info["cmdline"] or []))
    return found


@pytest.fixture(scope="module")
def running(open_folder: Path) -> Iterator[Run]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    printed = open_folder / "printed"
    run = Run(begin(open_folder / "run", port, printed), open_folder / "run", port, printed)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
            run.process.wait(30)


def test_the_whole_life_of_a_run(running: Run, open_folder: Path) -> None:
    shown = running.wait_for("Attune is ready: ")
    assert f"http://127.0.0.1:{running.port}" in shown
    assert "Demo logins" in shown
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"http://127.0.0.1:{running.port}/", timeout=10) as page:
        assert page.status == 200
    commands = "\n".join(living_with(running.local))
    for sign in ("uvicorn", "beat", "deliver_alerts", "-Q inference", "-Q alerts", "-Q default", "postgres -D"):
        assert sign in commands

    second = open_folder / "second"
    assert begin(running.local, running.port, second).wait(30) == 0
    assert f"already running at http://127.0.0.1:{running.port}" in second.read_text()

    password = shown.split("Demo logins", 1)[1].split("│")[2].split()[-1]
    assert password not in "".join(path.read_text() for path in (running.local / "logs").glob("*.log"))

    began = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
    assert time.monotonic() - began < 15
    assert living_with(running.local) == []
