"""Which programs make up Attune on one machine, and what happens before they start."""

import os
import sys
from pathlib import Path

from therapy.core.local.child import Program

WEB = "web"


def programs(local: Path, port: int) -> list[Program]:
    """Web, workers by queue, the clock, and the alert loop that needs no queue. The workers stop after the rest."""
    python = sys.executable
    web = [python, "-m", "uvicorn", "therapy.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    web += ["--ws", "websockets-sansio", "--timeout-graceful-shutdown", "2", "--no-access-log"]
    clock = [python, "-m", "celery", "-q", "-A", "therapy", "beat", "--loglevel", "WARNING", "--pidfile", ""]
    clock += ["--schedule", str(local / "celerybeat-schedule")]
    turns = os.environ.get("INFERENCE_CONCURRENCY", "8")
    return [
        Program(WEB, web, stage=1),
        Program("beat", clock, stage=1),
        Program("delivery", [python, "manage.py", "deliver_alerts"], stage=1),
        Program("inference", _worker("inference", "threads", turns), stage=2, grace=5),
        Program("alerts", _worker("alerts", "prefork", "1"), stage=2, grace=5),
        Program("default", _worker("default", "prefork", "1"), stage=2, grace=5),
    ]


def _worker(queue: str, pool: str, size: str) -> list[str]:
    worker = [sys.executable, "-m", "celery", "-q", "-A", "therapy", "worker", "-Q", queue, "-P", pool, "-c", size]
    return [*worker, "-n", f"{queue}@%h", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]


def preparation() -> Program:
    """The steps before the programs, in order. In development pages take their files from where they lie."""
    steps = ["migrate --noinput", "check --database default", "compile_translations"]
    steps.append("seed_demo" if in_development() else "collectstatic --noinput")
    return Program("prepare", [sys.executable, "-m", "therapy.core.local.prepare", *steps])


def in_development() -> bool:
    """Demo people are made for the development settings only."""
    return os.environ.get("DJANGO_SETTINGS_MODULE", "therapy.settings.development").endswith(".development")


def variables(port: int) -> dict[str, str]:
    """What every program gets besides the services; the environment of the person wins."""
    wanted = {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "therapy.settings.development",
        # Several model processes share the cores: more threads than half of them only fight each other.
        "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 2) // 2)),
    }
    kept = {name: os.environ[name] for name in wanted if os.environ.get(name) and name != "PORT"}
    return wanted | kept | {"PYTHONUNBUFFERED": "1"} | _without_warning_of_root()


def _without_warning_of_root() -> dict[str, str]:
    """Celery warns root at length in every worker, for the sake of pickled tasks; ours are JSON only."""
    if os.geteuid() != 0:
        return {}
    known = os.environ.get("PYTHONWARNINGS", "")
    return {"PYTHONWARNINGS": f"{known},ignore:You're running the worker with superuser".lstrip(",")}
