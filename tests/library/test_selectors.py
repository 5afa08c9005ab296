"""The library as the apps see it."""

from __future__ import annotations

import pytest

from ml.planning.library import LibraryError
from therapy.library import checks, selectors

pytestmark = pytest.mark.django_db


def test_one_copy_per_process() -> None:
    assert selectors.library() is selectors.library()


def test_an_unknown_technique_is_none() -> None:
    known = selectors.technique("ba-small-step")
    assert known is not None
    assert known.minutes == 10
    assert selectors.technique("") is None


def test_high_risk_leaves_only_what_the_library_permits() -> None:
    out = {key for key, one in selectors.library().techniques.items() if selectors.is_out_at_high_risk(one)}
    assert len(out) == 48
    assert not out & {"soc-one-message", "mind-senses-54321", "dbt-stop"}


def test_a_broken_library_is_told_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise LibraryError(["techniques.jsonl:1.steps: is missing"])

    assert checks.check_library(None) == []
    monkeypatch.setattr(checks.selectors, "shipped", broken)
    (error,) = checks.check_library(None)
    assert error.id == "library.E001"
    assert "techniques.jsonl:1.steps: is missing" in error.msg
