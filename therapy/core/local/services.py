"""Starts what the environment does not already name, shares it between processes, and stops it after the last one.

Every user of the services holds a shared lock on one file for as long as it lives; who gets that lock alone on
leaving is the last, and stops them. The kernel frees the lock of a process that dies, so no count can go wrong.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from therapy.core.local.errors import LocalError
from therapy.core.local.files import locked
from therapy.core.local.keys import development_secrets
from therapy.core.local.places import Place, local_folder, prepare, temporary_folder
from therapy.core.local.postgres import Postgres
from therapy.core.local.redis_server import Redis
from therapy.core.local.watch import Watch


class Service(Protocol):
    """What both servers can do."""

    @property
    def url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def is_running(self) -> bool: ...

    def pid(self) -> int: ...


KINDS: dict[str, type[Postgres] | type[Redis]] = {"DATABASE_URL": Postgres, "REDIS_URL": Redis}


def embedded(place: Place) -> dict[str, Service]:
    """The services to run here, by the variable that would otherwise name a server elsewhere."""
    return {name: kind(place) for name, kind in KINDS.items() if not os.environ.get(name)}


@contextmanager
def running_services(*, temporary: bool = False) -> Iterator[dict[str, str]]:
    """Yield the variables a command needs to find the services; stop them afterwards if nobody else uses them."""
    local = temporary_folder() if temporary else local_folder()
    place = None
    try:
        place = prepare(local, durable=not temporary)
        with _used(place) as services, _ended_with_us(services if temporary else {}):
            variables = {name: service.url for name, service in services.items()}
            yield variables | development_secrets(local) | _search_path(services)
    finally:
        if temporary:
            _throw_away(local, place)


def start_and_keep() -> dict[str, Service]:
    """Start the services and leave them running until `stop_kept`."""
    place = prepare(local_folder())
    with locked(place.logs):
        services = embedded(place)
        for service in services.values():
            service.start()
        (place.local / "keep").touch()
    return services


def stop_kept() -> bool:
    """Stop the services unless a command still uses them; says whether they were stopped."""
    place = prepare(local_folder())
    with locked(place.logs):
        (place.local / "keep").unlink(missing_ok=True)
        handle = _holders(place.local)
        try:
            return _stop_if_last(place, handle)
        finally:
            os.close(handle)


def erase() -> Path:
    """Remove the local data and its keys, for ever; refuses while anything uses them. Returns what was removed."""
    local = local_folder()
    if not local.exists():
        return local
    if not stop_kept():
        raise LocalError("The local servers are in use. Stop what runs first, then try again.")
    _throw_away(local, prepare(local))
    return local


@contextmanager
def _used(place: Place) -> Iterator[dict[str, Service]]:
    with locked(place.logs):
        handle = _holders(place.local)
        fcntl.flock(handle, fcntl.LOCK_SH)
        services = embedded(place)
        try:
            for service in services.values():
                service.start()
        except BaseException:
            _stop_if_last(place, handle)
            os.close(handle)
            raise
    try:
        yield services
    finally:
        with locked(place.logs):
            _stop_if_last(place, handle)
            os.close(handle)


@contextmanager
def _ended_with_us(services: dict[str, Service]) -> Iterator[None]:
    """Throw-away servers must not outlive a command that is killed: nobody would ever find them again."""
    watch = Watch()
    pids = [service.pid() for service in services.values()]
    for pid in pids:
        watch.add(pid)
    try:
        yield
    finally:
        for pid in pids:
            watch.remove(pid)
        watch.close()


def _holders(local: Path) -> int:
    return os.open(local / "holders", os.O_RDWR | os.O_CREAT, 0o600)


def _stop_if_last(place: Place, handle: int) -> bool:
    """Stop every kind: another user of the same folder may have started what our environment names elsewhere."""
    if (place.local / "keep").exists():
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    for kind in KINDS.values():
        with suppress(LocalError):
            kind(place).stop()
    return True


def _search_path(services: dict[str, Service]) -> dict[str, str]:
    """`psql` and `pg_dump` of the embedded server first: older ones refuse to dump a newer server."""
    database = services.get("DATABASE_URL")
    known = os.environ.get("PATH", os.defpath)
    if not isinstance(database, Postgres) or str(database.programs.folder) in known.split(os.pathsep):
        return {}
    return {"PATH": str(database.programs.folder) + os.pathsep + known}


def _throw_away(local: Path, place: Place | None) -> None:
    for folder in (local, place.home, place.sockets) if place is not None else (local,):
        shutil.rmtree(folder, ignore_errors=True)
