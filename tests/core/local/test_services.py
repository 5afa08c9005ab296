"""The shared services as commands use them: variables, several users at once, closed folders, faults in words."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from therapy.core.local import binaries
from therapy.core.local.errors import LocalError
from therapy.core.local.keys import development_secrets
from therapy.core.local.places import PROJECT, Place, prepare
from therapy.core.local.reach import require_database, require_redis

OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ATTUNE_KEKS", "VAPID_PRIVATE_KEY")


def environment(local: Path, **more: str) -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in OURS} | {"ATTUNE_LOCAL": str(local)} | more


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "therapy.core.local", *words]


def call(local: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*words), env=environment(local, **more), cwd=PROJECT, capture_output=True, text=True, timeout=120
    )


def servers_below(local: Path) -> list[int]:
    """Pids of living servers whose working directory lies in the services' home of the folder."""
    note = local / "home"
    return servers_within(Path(note.read_text().strip()) if note.exists() else local / "services")


def servers_within(home: Path) -> list[int]:
    found = []
    for process in psutil.process_iter(["cwd", "status"]):
        if (process.info["cwd"] or "").startswith(str(home)) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    return condition()


def test_a_command_gets_all_variables_and_its_status_comes_back(open_folder: Path) -> None:
    check = f"import os, sys; sys.exit(7 if all(os.environ.get(n) for n in {OURS!r}) else 1)"
    assert call(open_folder / "one", "exec", "--", sys.executable, "-c", check).returncode == 7
    assert servers_below(open_folder / "one") == []


def test_what_the_environment_names_is_not_started(open_folder: Path) -> None:
    local = open_folder / "elsewhere"
    code = "import os; print(os.environ['REDIS_URL'])"
    answer = call(local, "exec", "--", sys.executable, "-c", code, REDIS_URL="redis://there/0", DATABASE_URL="x://y")
    assert answer.stdout == "redis://there/0\n"
    assert not list(local.glob("services/redis-*"))


def test_several_commands_share_the_servers_and_the_last_stops_them(open_folder: Path) -> None:
    local = open_folder / "many"
    code = "import os, sys, time; time.sleep(float(sys.argv[1])); print(os.environ['DATABASE_URL'])"
    running = [
        subprocess.Popen(
            command("exec", "--", sys.executable, "-c", code, pause),
            env=environment(local),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for pause in ("0", "0.7", "1.4")
    ]
    answers = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(answers) == 1
    assert servers_below(local) == []


def test_kept_servers_stay_until_they_are_stopped(open_folder: Path) -> None:
    local = open_folder / "up"
    assert call(local, "services", "up").returncode == 0
    assert call(local, "exec", "--", "true").returncode == 0
    assert len(servers_below(local)) >= 2
    assert call(local, "services", "down").stdout == "Stopped.\n"
    assert servers_below(local) == []


def test_the_last_user_stops_what_a_killed_one_left(open_folder: Path) -> None:
    local = open_folder / "killed"
    with subprocess.Popen(command("exec", "--", "sleep", "2"), env=environment(local), cwd=PROJECT) as first:
        assert eventually(lambda: len(servers_below(local)) >= 2)
        first.send_signal(signal.SIGKILL)
    assert servers_below(local)
    assert call(local, "exec", "--", "true").returncode == 0
    assert servers_below(local) == []


def test_a_temporary_run_leaves_nothing(open_folder: Path) -> None:
    scratch = open_folder / "scratch"
    scratch.mkdir()
    code = "import os, tempfile; print(os.environ['DATABASE_URL'], os.listdir(tempfile.gettempdir()))"
    answer = call(open_folder / "unused", "exec", "--temporary", "--", sys.executable, "-c", code, TMPDIR=str(scratch))
    url, made = answer.stdout.split(" ", 1)
    sockets = Path(parse_qs(urlsplit(url).query)["host"][0])
    assert "attune-" in made
    assert list(scratch.iterdir()) == []
    assert not sockets.exists()
    assert not (open_folder / "unused").exists()


def test_temporary_servers_end_with_a_killed_command(open_folder: Path) -> None:
    scratch = open_folder / "scratch-killed"
    scratch.mkdir()
    words = command("exec", "--temporary", "--", "sh", "-c", 'touch "$TMPDIR/begun"; sleep 3')
    with subprocess.Popen(words, env=environment(open_folder, TMPDIR=str(scratch)), cwd=PROJECT) as process:
        assert eventually((scratch / "begun").exists)
        assert len(servers_within(scratch)) >= 2
        process.send_signal(signal.SIGKILL)
    assert eventually(lambda: servers_within(scratch) == [])


def test_a_command_that_is_not_there(open_folder: Path) -> None:
    answer = call(open_folder / "one", "exec", "--", "no-such-command-here")
    assert answer.returncode == 127
    assert "Cannot run no-such-command-here" in answer.stderr


def test_a_deep_closed_folder_with_spaces_works_and_is_erased(tmp_path: Path) -> None:
    deep = tmp_path / "a name with 空格" / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    tmp_path.chmod(0o700)
    local = deep / "local"
    code = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).close(); print('reached')"
    assert call(local, "exec", "--", sys.executable, "-c", code).stdout == "reached\n"
    place = prepare(local)
    assert len(os.fsencode(place.sockets)) < 80
    assert call(local, "erase").returncode == 0
    assert not any(folder.exists() for folder in (local, place.home, place.sockets))


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    made = development_secrets(tmp_path)
    assert development_secrets(tmp_path) == made
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    monkeypatch.setenv("SECRET_KEY", "of the operator")
    assert set(development_secrets(tmp_path)) == {"ATTUNE_KEKS", "VAPID_PRIVATE_KEY"}


def test_programs_are_copied_to_where_the_account_can_run_them(place: Place) -> None:
    found = binaries.find_redis(place)
    original = Path(found.path("redis-server"))
    tree = place.home / "package" / "bin"
    tree.mkdir(parents=True)
    shutil.copy2(original, tree)
    copied = binaries._copy_out(place, tree, [])
    assert copied != tree
    assert place.account.run([str(copied / "redis-server"), "--version"]).returncode == 0


def test_a_database_elsewhere_that_is_gone_is_said_without_its_password() -> None:
    with pytest.raises(LocalError, match="DATABASE_URL does not answer") as caught:
        require_database("postgresql://someone:hidden-word@127.0.0.1:9/none")
    assert "hidden-word" not in str(caught.value)


def test_a_redis_elsewhere_that_is_gone_is_said_without_its_password() -> None:
    with pytest.raises(LocalError, match="REDIS_URL does not answer") as caught:
        require_redis("redis://:hidden-word@127.0.0.1:9/0")
    assert "hidden-word" not in str(caught.value)


def test_an_address_that_is_none_is_not_quoted() -> None:
    with pytest.raises(LocalError, match="not the address") as caught:
        require_database("hidden-word")
    assert "hidden-word" not in str(caught.value)
