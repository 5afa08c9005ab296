"""`make run` where it must not start: a port in use, keys that are not the database's. Nothing is left behind."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.local.test_run import NAMED_ELSEWHERE, living_with
from therapy.core.local.files import read_env, write_env
from therapy.core.local.places import PROJECT

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def local_command(local: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in NAMED_ELSEWHERE}
    return subprocess.run(
        [sys.executable, "-m", "therapy.core.local", *arguments],
        env=environment | {"ATTUNE_LOCAL": str(local), **environ},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module")
def sealed(open_folder: Path) -> Path:
    """A local folder whose database remembers its key and has people sealed under it."""
    local = open_folder / "sealed"
    manage = [sys.executable, "manage.py"]
    for command in (["migrate", "--noinput", "-v", "0"], ["check", "--database", "default"], ["seed_demo"]):
        done = local_command(local, "exec", "--", *manage, *command)
        assert done.returncode == 0, done.stderr
    return local


def test_a_port_in_use(open_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = local_command(open_folder / "port", "run", PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port} is in use by another program" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (open_folder / "port" / "secrets.env").exists(), "nothing was begun"
    assert living_with(open_folder / "port") == []


WRONG = "1:" + base64.b64encode(b"w" * 32).decode()
OTHER_VERSION = "2:" + base64.b64encode(b"w" * 32).decode()


@pytest.mark.parametrize(
    ("keks", "words"),
    [(WRONG, "not the one this database was sealed with"), (OTHER_VERSION, "version 1"), ("1:short", "ATTUNE_KEKS")],
    ids=["wrong", "missing", "unreadable"],
)
def test_keys_that_do_not_fit(sealed: Path, keks: str, words: str) -> None:
    secrets = read_env(sealed / "secrets.env")
    write_env(sealed / "secrets.env", secrets | {"ATTUNE_KEKS": keks})
    try:
        done = local_command(sealed, "run", PORT=free_port())
    finally:
        write_env(sealed / "secrets.env", secrets)
    printed = done.stdout + done.stderr
    assert done.returncode == 1, printed
    assert words in printed
    assert "Traceback" not in printed
    assert keks not in printed
    assert living_with(sealed) == []
