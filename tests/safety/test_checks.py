"""What an operator can get wrong with the safety spine is said at start."""

from __future__ import annotations

from typing import Any

import pytest

from therapy.safety import checks, hotlines


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def test_table_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "safety.E001" not in ids(checks.check_hotlines(None))

    def broken() -> None:
        raise ValueError("line 3")

    monkeypatch.setattr(hotlines, "all_lines", broken)
    assert ids(checks.check_hotlines(None)) == ["safety.E001"]


def test_problems_of_screening_stop_the_start(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(checks.risk, "self_check", lambda: ["weights are not the pinned ones"])
    (problem,) = checks.check_screening(None)
    assert (problem.id, problem.is_serious()) == ("safety.E002", True)
    settings.DEBUG = True
    assert not checks.check_screening(None)[0].is_serious()


def test_shipped_screening_is_whole() -> None:
    assert checks.check_screening(None) == []


def test_alerts_that_could_not_leave_are_named(settings: Any) -> None:
    settings.ALERT_EMAILS = []
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.REDIS_URL = "localhost:6379"
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert ids(checks.check_delivery(None)) == ["safety.E003", "safety.E004", "safety.E005", "safety.W002"]


def test_a_good_production_has_nothing_to_say(settings: Any) -> None:
    settings.ALERT_EMAILS = ["on-call@example.org"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.REDIS_URL = "rediss://:secret@redis.example.org:6379/0"
    settings.PUBLIC_URL = "https://attune.example.org"
    assert checks.check_delivery(None) == []
