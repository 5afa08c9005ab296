"""A small process that outlives a killed supervisor and ends the programs it left behind.

It runs alone, from this file, on the standard library: `python -I watch.py`, and hears "+pid" and "-pid" on its
input. The input closes when the supervisor dies, however it dies.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

GRACE_SECONDS = 5.0


class Watch:
    """The supervisor's end of it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def add(self, group: int) -> None:
        self._tell(f"+{group}")

    def remove(self, group: int) -> None:
        self._tell(f"-{group}")

    def close(self) -> None:
        """Ends the watch; groups that are still listed end with it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, text: str) -> None:
        if self._process.stdin is None:
            return
        try:
            self._process.stdin.write(text + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # somebody ended the watch: the supervisor still stops everything itself


def end_groups(groups: set[int]) -> None:
    """Ask the leaders, wait a little, then end what is left of each group."""
    for group in groups:
        _send(os.kill, group, signal.SIGTERM)
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and any(_send(os.killpg, group, 0) for group in groups):
        time.sleep(0.1)
    for group in groups:
        _send(os.killpg, group, signal.SIGKILL)


def _send(how: Callable[[int, int], None], target: int, number: int) -> bool:
    try:
        how(target, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    """Keep the list until the input closes."""
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    end_groups(groups)


if __name__ == "__main__":
    main()
