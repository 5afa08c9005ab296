"""Runs one command with the services' variables and takes over its exit status."""

import os
import signal
import subprocess
import sys

from therapy.core.local.services import running_services


def run_with_services(command: list[str], *, temporary: bool) -> int:
    """Exit status of the command; signals reach it, and the services are stopped only after it ended."""
    with running_services(temporary=temporary) as variables:
        try:
            child = subprocess.Popen(command, env=os.environ | variables)
        except (FileNotFoundError, PermissionError) as error:
            print(f"Cannot run {command[0]}: {error.strerror}", file=sys.stderr)
            return 127
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _frame: child.send_signal(received))
        # The terminal sends Ctrl-C to the command as well: it decides, we wait.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = child.wait()
    return status if status >= 0 else 128 - status
