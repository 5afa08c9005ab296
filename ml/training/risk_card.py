"""Writes the model card beside the risk head, with the figures of head.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.training import risk_figures as limits

# The words around the figures.
CARD = Path(__file__).with_suffix(".md")
COLUMNS = (
    *("page_recall_imminent", "page_recall_high", "flag_recall", "severe_misses"),
    *("flag_alarms_hard", "page_alarms_none", "flag_alarms_talk", "page_alarms_talk"),
)


def write_card(out: Path, card: Mapping[str, Any]) -> None:
    """README.md from what `python -m ml.training risk` found."""
    languages: Mapping[str, Any] = card["languages"]
    any_one = next(iter(languages.values()))
    text = CARD.read_text(encoding="utf-8").format(
        judged=", ".join(name for name in any_one["leave_one_author_out"] if name != "all"),
        unseen=" and ".join(name for name in any_one["shipped_on_unseen"] if name != "all"),
        hard=limits.FLAG_ALARMS_HARD,
        none=limits.PAGE_ALARMS_NONE,
        talk=limits.FLAG_ALARMS_TALK,
        page=limits.PAGE_ALARMS_TALK,
        shipped=_table(languages, "shipped_on_unseen"),
        rows=_table(languages, "leave_one_author_out"),
        after=_table(languages, "after_plain_talk"),
        calibration="; ".join(_calibration(name, entry) for name, entry in languages.items()),
        rules=", ".join(
            f"{_number(entry['leave_one_author_out']['all']['rules_alone']['flag_recall'])} ({name})"
            for name, entry in languages.items()
        ),
    )
    (out / "README.md").write_text(text, encoding="utf-8")


def _table(languages: Mapping[str, Any], part: str) -> str:
    return "\n".join(
        f"| {language} | {author} | {row['rows']} | {_areas(row['auc'])} | "
        + " | ".join(_number(row[column]) for column in COLUMNS)
        + " |"
        for language, entry in languages.items()
        for author, row in entry[part].items()
    )


def _areas(areas: Mapping[str, float]) -> str:
    return " / ".join(_number(areas[name]) for name in ("flag", "page", "imminent"))


def _calibration(language: str, entry: Mapping[str, Any]) -> str:
    errors = entry["shipped_on_unseen"]["all"]["ece"]
    return f"{language} " + ", ".join(f"{name} {error:.3f}" for name, error in errors.items())


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
