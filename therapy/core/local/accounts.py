"""Under which system account the embedded services run, and how to run a command as that account.

PostgreSQL refuses to run as root, so root hands its services to an existing account without rights.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from therapy.core.local.errors import LocalError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A system account; `dropped` is true when it is not the one we were started as."""

    name: str
    uid: int
    gid: int
    dropped: bool

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command as this account and collect its output; never raises for the exit status."""
        defaults: dict[str, Any] = {"text": True, "capture_output": True, "cwd": "/", "timeout": 120}
        # In a session of its own, so that Ctrl-C at the terminal cannot break a start half-way.
        defaults["start_new_session"] = True
        if self.dropped:
            defaults |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        try:
            return subprocess.run(command, check=False, **(defaults | options))
        except PermissionError as error:
            raise LocalError(f"Could not run {command[0]} as the account {self.name}: {error.strerror}.") from error

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can reach the folder through all of its parents."""
        if not self.dropped:
            return True
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode == 0

    def own(self, path: Path) -> None:
        """Give the path (not what is below it) to this account."""
        if self.dropped:
            os.chown(path, self.uid, self.gid)


def service_account() -> Account:
    """The current account, or for root the first of the unprivileged ones that exists."""
    uid = os.geteuid()
    if uid != 0:
        return Account(name=str(uid), uid=uid, gid=os.getegid(), dropped=False)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, dropped=True)
    raise LocalError(
        "PostgreSQL does not run as root and there is no account to hand it to. "
        "Start Attune as an ordinary user, or create an account named 'postgres'."
    )
