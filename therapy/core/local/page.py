"""The page's address: whether it is free, who has it, and whether it answers."""

import fcntl
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from therapy.core.local.errors import LocalError
from therapy.core.local.files import read_env, write_env


@contextmanager
def single_run(local: Path, address: str) -> Iterator[str]:
    """Hold the one run of this folder; yields "" then, or the address of the run that holds it already."""
    note = local / "run.env"
    handle = os.open(local / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield read_env(note).get("address", "another address")
        return
    try:
        write_env(note, {"address": address})
        yield ""
    finally:
        note.unlink(missing_ok=True)
        os.close(handle)


def require_free_port(port: int) -> None:
    """Say so in words when another program has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise LocalError(f"This account may not use port {port}. Try another: make run PORT=8001") from error
        except OSError as error:
            other = port + 1 if port < 65535 else port - 1
            raise LocalError(
                f"Port {port} is in use by another program. Stop it, or choose another: make run PORT={other}"
            ) from error


def answers(address: str) -> bool:
    """Whether the page is served; an error page of the server itself is no answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
