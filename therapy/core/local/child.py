"""One supervised program: its process group, its lines, its restarts. Knows nothing of which programs Attune has."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from therapy.core.local.watch import Watch

LONGEST_PAUSE = 30.0
# After this long a start counts as a good one, and the next pause is short again.
STEADY_SECONDS = 30.0
# Hears the name of the program and one line.
Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class Program:
    """What to run. `stage` orders the stop (lower first); `grace` is how long a polite stop may take, in seconds."""

    name: str
    command: list[str]
    stage: int = 1
    grace: float = 4.0


class Child:
    """Starts a program in a process group of its own and starts it again when it ends by itself."""

    def __init__(self, program: Program, tell: Tell, watch: Watch, variables: dict[str, str], folder: Path) -> None:
        self.program = program
        self.quick_ends = 0
        self._tell = tell
        self._watch = watch
        self._variables = variables
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._started = 0.0
        self._start_at = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self._variables,
            cwd=self._folder,
            start_new_session=True,
        )
        self._watch.add(self._process.pid)
        self._started = time.monotonic()
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def status(self) -> int | None:
        """The exit status once the program has ended and its group is gone; None while it runs."""
        if self._process is None or self._process.poll() is None:
            return None
        return self._process.returncode

    def look_after(self) -> None:
        """Start the program again if it ended, after a pause that doubles with each quick end."""
        status = self.status()
        now = time.monotonic()
        if self._process is not None and status is not None:
            self.kill()
            self.quick_ends = 0 if now - self._started > STEADY_SECONDS else self.quick_ends + 1
            pause = min(LONGEST_PAUSE, 2.0 ** max(0, self.quick_ends - 1))
            self._note(f"{self.program.name} ended ({_reason(status)}); starting it again in {pause:.0f} s")
            self._process, self._start_at = None, now + pause
        elif self._process is None and now >= self._start_at:
            self.start()

    def ask_to_stop(self) -> None:
        """A polite stop, to the program itself: it tells its own children."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, until: float) -> None:
        """Wait for the program to end, at most until the monotonic time given."""
        if self._process is not None:
            try:
                self._process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._note(f"{self.program.name} did not stop in time; ending it now")

    def kill(self) -> None:
        """End whatever is left of the group, and collect the last lines."""
        if self._process is None:
            return
        # macOS answers EPERM for a group of which only the dead are left.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._watch.remove(self._process.pid)
        if self._reader is not None:
            self._reader.join(1)

    def _note(self, text: str) -> None:
        self._tell("attune", text)

    def _read(self, process: "subprocess.Popen[str]") -> None:
        if process.stdout is not None:
            with process.stdout as lines:
                for line in lines:
                    self._tell(self.program.name, line.rstrip("\n"))


def _reason(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    return signal.Signals(-status).name
