"""Runs one command with the services' variables and takes over its exit status."""

import os
import signal
import subprocess
import sys
from types import FrameType

from therapy.core.local.services import running_services

ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def run_with_services(command: list[str], *, temporary: bool) -> int:
    """Exit status of the command; signals reach it, and the services are stopped only after it ended."""
    for number in ENDINGS:
        signal.signal(number, _leave)
    with running_services(temporary=temporary) as variables:
        try:
            child = subprocess.Popen(command, env=os.environ | variables)
        except (FileNotFoundError, PermissionError) as error:
            print(f"Cannot run {command[0]}: {error.strerror}", file=sys.stderr)
            return 127
        for number in ENDINGS:
            signal.signal(number, lambda received, _frame: child.send_signal(received))
        # The terminal sends Ctrl-C to the command as well: it decides, we wait.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = child.wait()
    return status if status >= 0 else 128 - status


def _leave(number: int, _frame: FrameType | None) -> None:
    """Before the command runs: leave through the contexts, which stop the services."""
    raise SystemExit(128 + number)
