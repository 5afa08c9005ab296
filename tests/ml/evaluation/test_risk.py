"""The risk suite on a tiny file: gates, predictions, xz, bad rows, and a floor on a small frozen set."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ml.evaluation import risk
from ml.evaluation.__main__ import main
from ml.evaluation.metrics import area_under_curve, calibration_error, confusion, f1_scores, one_hot, wilson
from ml.types import ChatTurn, Language, RiskAssessment

ROOT = Path(__file__).resolve().parents[3]
FROZEN = Path(__file__).parent / "frozen_risk.jsonl"
ROWS: list[dict[str, Any]] = [
    {"id": "1", "lang": "en", "text": "I'm going to kill myself tonight", "risk": "high", "kind": "plan", "pair": "p"},
    {"id": "2", "lang": "en", "text": "this queue is killing me lol", "risk": "none", "kind": "idiom", "pair": "p"},
    {"id": "3", "lang": "zh", "text": "我刚吃了一整瓶安眠药", "risk": "imminent", "kind": "attempt_in_progress"},
    {"id": "4", "lang": "zh", "text": "笑死我了", "risk": "none", "kind": "idiom"},
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def report_of(tmp_path: Path, data: Path, *more: str) -> dict[str, Any]:
    out = tmp_path / "report.json"
    assert main(["risk", "--data", str(data), "--json", str(out), *more]) == 0
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.xz"])
def test_gates_of_a_tiny_file(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(tmp_path, write(tmp_path / name, ROWS))
    english = report["languages"]["en"]["gates"]
    assert english["page_recall_high"]["value"] == 1.0
    assert english["flag_alarms_hard"] | {"low": 0, "high": 0} == {
        "hits": 0, "total": 1, "value": 0.0, "low": 0, "high": 0, "floor": 0.15, "is_met": True,
    }  # fmt: skip
    assert report["languages"]["en"]["pairs"]["hits"] == 1
    assert report["recall_gap"] == 0.0
    assert "page_recall_imminent" in capsys.readouterr().out


def test_predictions_need_no_labels(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "lang": "zh", "text": "我想死", "context": [{"role": "assistant", "text": "嗯"}]},
        {"text": "hi"},
    ]
    out = tmp_path / "said.jsonl"
    report = report_of(tmp_path, write(tmp_path / "rows.jsonl", rows), "--predictions", str(out))
    said = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert report["labelled"] == 0
    assert [line["id"] for line in said] == ["a", None]
    assert said[0]["risk"] in ("moderate", "high", "imminent")
    assert said[0]["evidence"]
    assert set(said[0]["scores"]) == {"support", "flag", "page", "imminent"}


def test_one_language_on_wish(tmp_path: Path) -> None:
    report = report_of(tmp_path, write(tmp_path / "rows.jsonl", ROWS), "--lang", "zh")
    assert list(report["languages"]) == ["zh"]


def test_rows_that_stand_alone_are_put_after_talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, list[str]]] = []

    def assess(text: str, turns: Sequence[ChatTurn], language: Language | None) -> RiskAssessment:
        seen.append((text, [turn.text for turn in turns]))
        return real(text, turns, language)

    real = risk.assess
    monkeypatch.setattr(risk, "assess", assess)
    opening = [{"role": "user", "text": "exam on monday"}, {"role": "assistant", "text": "Which one?"}]
    talk = write(tmp_path / "talk.jsonl", [{"lang": "en", "turns": opening}])
    rows = [*ROWS, {"lang": "en", "text": "yes", "context": [{"role": "user", "text": "hm"}]}]
    report_of(tmp_path, write(tmp_path / "rows.jsonl", rows), "--after", str(talk))
    before = ["exam on monday", "Which one?"]
    assert [turns for _, turns in seen] == [before, before, [], [], ["hm"]]


def test_talk_without_turns_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk = write(tmp_path / "talk.jsonl", [{"lang": "en"}])
    assert main(["risk", "--data", str(write(tmp_path / "rows.jsonl", ROWS)), "--after", str(talk)]) == 2
    assert "talk.jsonl, row 1" in capsys.readouterr().err


@pytest.mark.parametrize("row", [{"id": "x"}, {"text": "hi", "risk": "dire"}, {"text": 7}])
def test_wrong_rows_are_named(tmp_path: Path, row: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", "--data", str(write(tmp_path / "rows.jsonl", [row]))]) == 2
    assert "row 1" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["nothing"], ["risk"], ["risk", "--data", "/nowhere.jsonl"]])
def test_wrong_calls_end_with_two(argv: list[str]) -> None:
    assert main(argv) == 2


def test_floor_on_the_frozen_set(tmp_path: Path) -> None:
    report = report_of(tmp_path, FROZEN)
    for part in report["languages"].values():
        gates = part["gates"]
        assert gates["page_recall_imminent"]["value"] >= 0.9
        assert gates["page_recall_high"]["value"] >= 0.85
        assert gates["flag_recall"]["value"] >= 0.9
        assert gates["flag_alarms_hard"]["value"] <= 0.15
        assert gates["page_alarms_none"]["value"] <= 0.05


def test_wilson_matches_the_book() -> None:
    rate = wilson(8, 10)
    assert (round(rate.low, 3), round(rate.high, 3)) == (0.490, 0.943)
    assert wilson(0, 0).value is None
    assert wilson(5, 5).high == 1.0


def test_small_figures_by_hand() -> None:
    macro, micro, by_label = f1_scores(one_hot([0, 1, 1], 3), one_hot([0, 1, 0], 3))
    assert by_label == pytest.approx([2 / 3, 2 / 3, 0.0])
    assert macro == pytest.approx(4 / 9)
    assert micro == pytest.approx(2 / 3)
    assert area_under_curve([1, 0, 1, 0], [0.9, 0.1, 0.5, 0.5]) == 0.875
    assert area_under_curve([1, 1], [0.1, 0.2]) is None
    assert calibration_error([1, 0], [1.0, 0.0]) == 0.0
    assert calibration_error([0, 0], [0.95, 0.95]) == pytest.approx(0.95)
    assert confusion([0, 1, 1], [0, 0, 1], 2) == [[1, 0], [1, 1]]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("after", [(), ("--after", str(ROOT / "ml" / "data" / "risk" / "openings.jsonl"))])
def test_floor_on_rows_nobody_trained_on(tmp_path: Path, language: str, after: tuple[str, ...]) -> None:
    """The independent rows guard what was reached (docs/benchmarks.md), with room for noise; the gates are higher.

    As they are, and after plain talk: a word about an exam beforehand must not quieten danger.
    """
    data = ROOT / "ml" / "data" / "risk" / f"independent_{language}.jsonl"
    gates = report_of(tmp_path, data, *after)["languages"][language]["gates"]
    assert gates["flag_recall"]["value"] >= 0.88
    assert gates["page_recall_imminent"]["value"] >= 0.74
    assert gates["page_recall_high"]["value"] >= 0.72
    assert gates["severe_misses"]["value"] <= 0.13
    assert gates["flag_alarms_hard"]["value"] <= 0.20
    assert gates["page_alarms_none"]["value"] <= 0.07
