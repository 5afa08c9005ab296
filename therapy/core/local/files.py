"""Small private files of the `.local` folder: KEY=VALUE files of mode 0600, folders of one owner, free space."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from therapy.core.local.accounts import Account
from therapy.core.local.errors import LocalError

MEBIBYTE = 1024 * 1024


def read_env(path: Path) -> dict[str, str]:
    """The KEY=VALUE lines of a file; empty when it does not exist."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise LocalError(
            f"{path} belongs to another account. Use the account that first started Attune here, or another copy."
        ) from error
    return dict(line.split("=", 1) for line in lines if "=" in line)


def write_env(path: Path, values: dict[str, str]) -> None:
    """Replace the file in one step, so that a crash leaves the old one or the new one, never half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write("".join(f"{key}={value}\n" for key, value in values.items()))
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)


def private_folder(path: Path, account: Account) -> Path:
    """A folder of mode 0700 that belongs to the account; refuses one that somebody else put there."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if path.is_symlink() or found.st_uid not in (os.geteuid(), account.uid):
            raise LocalError(f"{path} belongs to somebody else. Remove it, or set ATTUNE_LOCAL to another folder.")
        account.own(path)
        path.chmod(0o700)
    except PermissionError as error:
        raise LocalError(f"No right to use {path}. Set ATTUNE_LOCAL to a folder of your own.") from error
    return path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait for, and hold, the lock of a folder. The kernel lets go of it when the process dies."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def require_free_space(path: Path, mebibytes: int) -> None:
    """Say so before anything is written when the disk under `path` is too full to start on."""
    free = shutil.disk_usage(path).free // MEBIBYTE
    if free < mebibytes:
        raise LocalError(
            f"Too little free disk space to start: {free} MB left for {path}, {mebibytes} MB needed. "
            "Free some space and start again."
        )


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error text; empty when there is none."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
