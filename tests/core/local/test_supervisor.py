"""The supervisor on toy programs: order, restart, and nobody left behind however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from therapy.core.local.child import Program
from therapy.core.local.errors import LocalError
from therapy.core.local.output import Output
from therapy.core.local.supervisor import StopRequest, Supervisor

FAMILY = "import subprocess,time; subprocess.Popen(['sleep','300']); print('up', flush=True); time.sleep(300)"


def toy(name: str, code: str, **options: float) -> Program:
    return Program(name, [sys.executable, "-c", code], **options)  # type: ignore[arg-type]


def eventually(condition: Callable[[], object], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def living(group: int) -> list[str]:
    """The processes of a group that have not ended (a zombie has)."""
    found = []
    for process in psutil.process_iter(["status", "cmdline"]):
        with suppress(ProcessLookupError, psutil.Error):
            if os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.info["cmdline"] or []))
    return found


@pytest.fixture
def output(tmp_path: Path) -> Output:
    return Output(tmp_path)


@pytest.fixture
def stop() -> StopRequest:
    return StopRequest()


@pytest.fixture
def supervisor(output: Output, stop: StopRequest, tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(output, stop, dict(os.environ), tmp_path) as entered:
        yield entered


def test_leaving_ends_each_program_with_its_family(output: Output, stop: StopRequest, tmp_path: Path) -> None:
    with Supervisor(output, stop, dict(os.environ), tmp_path) as supervisor:
        supervisor.start(toy("family", FAMILY))
        group = supervisor.pids()["family"]
        assert eventually(lambda: len(living(group)) == 2)
    assert living(group) == []


def test_a_program_that_ignores_the_polite_stop_is_ended(output: Output, stop: StopRequest, tmp_path: Path) -> None:
    code = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"
    with Supervisor(output, stop, dict(os.environ), tmp_path) as supervisor:
        supervisor.start(toy("deaf", code, grace=0.5))
        group = supervisor.pids()["deaf"]
        assert eventually(lambda: (tmp_path / "deaf.log").exists())
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert living(group) == []


def test_stages_stop_in_order(output: Output, stop: StopRequest, tmp_path: Path) -> None:
    code = (
        "import signal,sys,time\n"
        "def end(*_):\n    time.sleep(0.3); print('bye', time.monotonic(), flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True)\nwhile True: time.sleep(1)"
    )
    with Supervisor(output, stop, dict(os.environ), tmp_path) as supervisor:
        supervisor.start(toy("second", code, stage=2))
        supervisor.start(toy("first", code, stage=1))
        assert eventually(lambda: (tmp_path / "first.log").exists() and (tmp_path / "second.log").exists())
    times = {name: float((tmp_path / f"{name}.log").read_text().split()[-1]) for name in ("first", "second")}
    assert times["second"] - times["first"] > 0.25


def test_a_program_that_dies_is_started_again(supervisor: Supervisor, stop: StopRequest, tmp_path: Path) -> None:
    supervisor.start(toy("web", "import time; print('up', flush=True); time.sleep(300)"))
    first = supervisor.pids()["web"]
    assert eventually(lambda: (tmp_path / "web.log").exists())
    os.kill(first, signal.SIGKILL)
    supervisor.wait_until(lambda: supervisor.pids()["web"] not in (0, first), "web", 10)
    assert "web ended (SIGKILL); starting it again in 1 s" in (tmp_path / "attune.log").read_text()


def test_a_program_that_never_comes_up_is_given_up(supervisor: Supervisor) -> None:
    supervisor.start(toy("web", "raise SystemExit('no settings')"))
    with pytest.raises(LocalError, match="does not come up(.|\n)*no settings"):
        supervisor.wait_until(lambda: False, "web", 20)


def test_a_step_that_fails_says_why(supervisor: Supervisor) -> None:
    with pytest.raises(LocalError, match="'migrate' did not succeed(.|\n)*no such table"):
        supervisor.run_step(toy("migrate", "raise SystemExit('no such table')"))


def test_a_step_leaves_nothing_to_restart(supervisor: Supervisor) -> None:
    supervisor.run_step(toy("step", "print('done')"))
    assert supervisor.pids() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_supervisor(number: signal.Signals, tmp_path: Path) -> None:
    code = (
        "import os,pathlib,sys\n"
        "from therapy.core.local.child import Program\n"
        "from therapy.core.local.output import Output\n"
        "from therapy.core.local.supervisor import StopRequest, Supervisor\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "stop = StopRequest(); stop.listen()\n"
        "with Supervisor(Output(here), stop, dict(os.environ), here) as s:\n"
        f"    s.start(Program('family', [sys.executable, '-c', {FAMILY!r}]))\n"
        "    (here / 'group').write_text(str(s.pids()['family']))\n"
        "    s.run_until_stopped()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    assert eventually(lambda: (tmp_path / "family.log").exists(), 30)
    group = int((tmp_path / "group").read_text())
    assert len(living(group)) == 2
    process.send_signal(number)
    process.wait(15)
    assert eventually(lambda: living(group) == [], 10)
