"""Where the local services keep things: `.local` of the project, and a home that the service account can reach."""

import hashlib
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from therapy.core.local.accounts import Account, service_account
from therapy.core.local.errors import LocalError
from therapy.core.local.files import locked, private_folder

PROJECT = Path(__file__).resolve().parents[3]
# sun_path holds 104 bytes on macOS and 108 on Linux; PostgreSQL also creates a ".lock" beside the socket.
SOCKET_LIMIT = 100
SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Place:
    """`local`: secrets, locks, logs (ours). `home`: data of the services. `sockets`: a short path for the socket."""

    local: Path
    home: Path
    sockets: Path
    account: Account
    durable: bool = True

    @property
    def logs(self) -> Path:
        return self.local / "logs"


def local_folder() -> Path:
    """`.local` of the project unless ATTUNE_LOCAL names another folder."""
    return Path(os.environ.get("ATTUNE_LOCAL") or PROJECT / ".local").absolute()


def prepare(local: Path, *, durable: bool = True) -> Place:
    """Make the folders and decide where the services live. Safe to call by several processes at once."""
    account = service_account()
    try:
        local.mkdir(parents=True, exist_ok=True)
        # The service account of root must be able to pass through; everything private below has its own mode.
        local.chmod(0o711 if account.dropped else 0o700)
        (local / "logs").mkdir(mode=0o700, exist_ok=True)
    except PermissionError as error:
        raise LocalError(f"No right to write in {local}. Set ATTUNE_LOCAL to a folder of your own.") from error
    with locked(local):
        home = private_folder(_home(local, account), account)
    return Place(local, home, private_folder(_sockets(home), account), account, durable)


def _home(local: Path, account: Account) -> Path:
    if account.can_enter(local):
        return local / "services"
    # The project lies under a folder closed to the service account, such as root's home. The name is kept in
    # `.local`, and random, so that a removed `.local` never meets data whose password is gone.
    name = local / "home"
    if not name.exists():
        name.write_text(f"/var/lib/attune-{secrets.token_hex(6)}")
    return Path(name.read_text().strip())


def _sockets(home: Path) -> Path:
    near = home / "run"
    plain = re.fullmatch(r"[\w./-]+", str(near), flags=re.ASCII)
    if plain and len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_LIMIT:
        return near
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.geteuid() != 0 and runtime and len(runtime) < 50 and os.access(runtime, os.W_OK):
        return Path(runtime) / f"attune-{mark}"
    return Path("/tmp") / f"attune-{os.geteuid()}-{mark}"  # noqa: S108 owner and mode are checked by private_folder


def temporary_folder() -> Path:
    """A throw-away `.local` for one command."""
    return Path(tempfile.mkdtemp(prefix="attune-"))
