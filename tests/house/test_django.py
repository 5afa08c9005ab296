"""Guards over the running project: tasks, views, migrations, the web process, translations of models."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
# Pages that anybody may open, by route name; every other one of ours must ask who is there.
PUBLIC = {
    "core:home",
    "core:privacy",
    "core:health",
    "core:metrics",
    "accounts:erased",
    "safety:help",
    "safety:protocol",
    "safety:worker",
    "care:worker",
    "signals_api:openapi",
    "set_language",
}
OURS = ("accounts.", "therapy.")
SAMPLE_ID = "00000000-0000-4000-8000-000000000000"


def our_tasks() -> dict[str, object]:
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.startswith(OURS)}


def test_every_task_is_routed() -> None:
    assert len(our_tasks()) >= 5
    assert set(our_tasks()) == set(settings.CELERY_TASK_ROUTES)


def test_scheduled_tasks_exist() -> None:
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(our_tasks())


def test_task_arguments_are_ids() -> None:
    for name, task in our_tasks().items():
        for parameter in inspect.signature(task.run).parameters:  # type: ignore[attr-defined]
            assert parameter.endswith("_id"), f"{name} takes {parameter}"


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            for name, route, pattern in patterns(entry, inner):
                yield name, str(entry.pattern) + route, pattern
        else:
            yield f"{namespace}{entry.name}", str(entry.pattern), entry


def test_every_view_of_ours_is_guarded(client: Client, db: None) -> None:
    checked = 0
    for name, route, pattern in patterns(get_resolver()):
        callback = inspect.unwrap(pattern.callback)
        if not getattr(callback, "__module__", "").startswith(OURS) or route.startswith("admin/"):
            continue
        if name in PUBLIC:
            continue
        path = "/" + route
        for converter in ("uuid", "int", "str", "slug"):
            while f"<{converter}:" in path:
                start = path.index(f"<{converter}:")
                path = path[:start] + (SAMPLE_ID if converter == "uuid" else "1") + path[path.index(">", start) + 1 :]
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code in (302, 401, 403, 404, 405), f"{name} answers {answer.status_code} to a stranger"
            if answer.status_code == 302:
                assert "login" in answer["Location"], f"{name} sends a stranger to {answer['Location']}"
        checked += 1
    assert checked >= 10


def test_migrations_are_complete(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_the_web_process_never_imports_torch() -> None:
    code = (
        "import sys, therapy.asgi\n"
        "heavy = {'torch', 'transformers', 'peft', 'bitsandbytes', 'sklearn', 'accelerate'} & set(sys.modules)\n"
        "assert 'therapy.chat.consumers' in sys.modules\n"
        "sys.exit(f'imported: {sorted(heavy)}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_deployment_check_is_clean_in_production() -> None:
    code = (
        "import django; django.setup(); from django.core.management import call_command; "
        "call_command('check', deploy=True, fail_level='WARNING')"
    )
    import base64
    import os

    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "therapy.settings.production",
        "SECRET_KEY": "x" * 25 + "abcdefghijklmnopqrstuvwxyz0123456789",
        "ATTUNE_KEKS": "1:" + base64.b64encode(bytes(range(32))).decode(),
        "ALLOWED_HOSTS": "attune.example.org",
        "ALERT_EMAILS": "on-call@example.org",
        "PUBLIC_URL": "https://attune.example.org",
        "EMAIL_URL": "smtp://mail.example.org:25",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
