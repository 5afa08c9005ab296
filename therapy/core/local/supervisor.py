"""Runs a set of programs until it is asked to stop: starts, restarts, stops in order, leaves nothing."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from therapy.core.local.child import Child, Program, Tell
from therapy.core.local.errors import LocalError
from therapy.core.local.files import tail
from therapy.core.local.output import Output
from therapy.core.local.watch import Watch

GIVE_UP_AFTER = 3


class Stopped(Exception):  # noqa: N818 not an error: somebody asked
    """Raised out of a wait when a stop was asked for."""


class StopRequest:
    """Whether somebody asked for a stop, by SIGINT, SIGTERM or SIGHUP; `hurry` after the second time."""

    def __init__(self) -> None:
        self.asked = False
        self.hurry = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.hurry = self.asked
        self.asked = True


class Supervisor:
    """Use as a context: leaving it stops everything that runs."""

    def __init__(self, output: Output, stop: StopRequest, variables: dict[str, str], folder: Path) -> None:
        self._output = output
        self._stop = stop
        self._variables = variables
        self._folder = folder
        self._children: list[Child] = []

    def __enter__(self) -> "Supervisor":
        self._watch = Watch()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_all()
        self._watch.close()

    def run_step(self, program: Program, tell: Tell | None = None) -> None:
        """Run one program to its end; it must succeed. Its lines go to `tell` when given."""
        child = self._child(program, tell or self._output.line)
        child.start()
        while child.status() is None:
            self._pause()
        self._children.remove(child)
        child.kill()
        if child.status() != 0:
            log = tail(self._output.logs / f"{program.name}.log", 3)
            raise LocalError(f"The step '{program.name}' did not succeed:\n{log}")

    def start(self, program: Program) -> None:
        self._child(program, self._output.line).start()

    def wait_until(self, ready: Callable[[], bool], needed: str, seconds: float) -> None:
        """Look after everything until `ready`; give up when the needed program keeps ending or time is over."""
        until = time.monotonic() + seconds
        while not ready():
            self._pause()
            self._look_after_all()
            child = next(child for child in self._children if child.program.name == needed)
            if child.quick_ends >= GIVE_UP_AFTER or time.monotonic() > until:
                log = tail(self._output.logs / f"{needed}.log", 5)
                raise LocalError(f"'{needed}' does not come up. The end of its log:\n{log}")

    def run_until_stopped(self) -> None:
        while not self._stop.asked:
            self._look_after_all()
            time.sleep(0.1)

    def pids(self) -> dict[str, int]:
        return {child.program.name: child.pid for child in self._children}

    def _child(self, program: Program, tell: Tell) -> Child:
        child = Child(program, tell, self._watch, self._variables, self._folder)
        self._children.append(child)
        return child

    def _pause(self) -> None:
        if self._stop.asked:
            raise Stopped
        time.sleep(0.05)

    def _look_after_all(self) -> None:
        for child in self._children:
            child.look_after()

    def _stop_all(self) -> None:
        """Stage by stage, each stage at once: first what takes new work in, then what finishes it."""
        for stage in sorted({child.program.stage for child in self._children}):
            children = [child for child in self._children if child.program.stage == stage]
            for child in children:
                child.ask_to_stop()
            started = time.monotonic()
            for child in children:
                child.wait(started if self._stop.hurry else started + child.program.grace)
                child.kill()
        self._children.clear()
