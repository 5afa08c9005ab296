"""Drawings are whole, escaped XML; reliability counts right; dialogues become pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from ml.evaluation import reliability, trajectory
from ml.evaluation.__main__ import main
from ml.evaluation.charts import Drawing, Plot
from ml.types import EmotionReading, RiskLevel

SVG = "{http://www.w3.org/2000/svg}"


def parsed(path: Path) -> ElementTree.Element:
    return ElementTree.fromstring(path.read_text(encoding="utf-8"))


def test_text_is_escaped_and_numbers_are_short(tmp_path: Path) -> None:
    drawing = Drawing(100, 50.0, "a < b & c")
    drawing.write((1.25, 2), '<script> "x" & 心', fill="#000")
    drawing.path([(0, 0), (1.04, 2)])
    drawing.path([(0, 0)])
    drawing.save(tmp_path / "made" / "a.svg")
    root = parsed(tmp_path / "made" / "a.svg")
    assert root.findtext(f"{SVG}title") == "a < b & c"
    assert root.findtext(f"{SVG}text") == '<script> "x" & 心'
    assert [one.get("d") for one in root.findall(f"{SVG}path")] == ["M0 0 L1 2"]


def test_a_plot_turns_the_axis_round() -> None:
    plot = Plot(Drawing(10, 10, ""), (10, 20), (100, 50), (0, 2), (-1, 1))
    assert plot.at(0, 1) == (10, 20)
    assert plot.at(2, -1) == (110, 70)
    assert plot.at(1, 0) == (60, 45)


def test_reliability_counts_each_step() -> None:
    one = reliability.measure([0.0, 0.05, 0.95, 1.0, 0.55], [False, True, True, True, False])
    assert [(step.observed.hits, step.observed.total) for step in one.steps] == [(1, 2), (0, 1), (2, 2)]
    assert one.count == 5
    assert one.error == pytest.approx((abs(0.5 - 0.025) * 2 + 0.55 + (1 - 0.975) * 2) / 5)


def test_what_is_right_as_often_as_it_says_has_no_error() -> None:
    truth = np.arange(1000) % 10 < 3
    assert reliability.measure(np.full(1000, 0.3), truth).error == pytest.approx(0.0)


def test_risk_heads_ask_about_their_level() -> None:
    chances = {"support": 0.9, "flag": 0.9, "page": 0.1, "imminent": 0.1}
    found = reliability.of_risk([chances, {}], [RiskLevel.MODERATE, RiskLevel.NONE])
    assert {name: one.steps[0].observed.hits for name, one in found.items()} == {
        "support": 1, "flag": 1, "page": 0, "imminent": 0,
    }  # fmt: skip
    assert all(one.count == 1 for one in found.values())
    assert reliability.of_risk([{}], [RiskLevel.NONE]) == {}


def evaluate(tmp_path: Path, suite: str, rows: list[dict[str, Any]], *options: str) -> dict[str, Any]:
    data, out = tmp_path / "rows.jsonl", tmp_path / "out.json"
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assert main([suite, "--data", str(data), "--json", str(out), *options]) == 0
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def test_risk_diagram_of_both_languages(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "lang": "en", "text": "I'm going to kill myself tonight", "risk": "high"},
        {"id": "2", "lang": "en", "text": "what should I cook for my sister", "risk": "none"},
        {"id": "3", "lang": "zh", "text": "我刚吃了一整瓶安眠药", "risk": "imminent"},
    ]
    report = evaluate(tmp_path, "risk", rows, "--reliability", str(tmp_path / "risk.svg"))
    assert report["languages"]["en"]["reliability"]["flag"]["rows"] == 2
    assert 0 <= report["languages"]["zh"]["reliability"]["page"]["calibration_error"] <= 1
    words = "".join(parsed(tmp_path / "risk.svg").itertext())
    assert all(f"{language} {head}" in words for language in ("en", "zh") for head in reliability.RISK_HEADS)


def test_emotion_diagram(tmp_path: Path) -> None:
    rows = [{"text": "thank you so much!", "labels": ["gratitude"]}, {"text": "I hate this", "labels": ["anger"]}]
    report = evaluate(tmp_path, "emotion", rows, "--reliability", str(tmp_path / "emotion.svg"))
    assert set(report["reliability"]) == {"all labels", "gratitude", "anger"}
    assert report["reliability"]["all labels"]["rows"] == 2 * 28
    assert "all labels" in "".join(parsed(tmp_path / "emotion.svg").itertext())


DIALOGUE = {
    "id": "d1", "lang": "en", "topic": "loss <cat>",
    "turns": [
        {"role": "user", "text": "I am so sad, my cat died", "emotion": "sadness"},
        {"role": "assistant", "text": "I am sorry."},
        {"role": "user", "text": "Thank you, I feel better and happy now!", "emotion": "relief"},
    ],
}  # fmt: skip


def test_dialogues_become_pictures(tmp_path: Path) -> None:
    unmarked = {**DIALOGUE, "id": "d2", "turns": [{"role": "user", "text": "hm"}] * 3}
    report = evaluate(tmp_path, "emotion", [DIALOGUE, unmarked], "--trajectory", str(tmp_path / "pictures"))
    assert report["files"] == ["course.svg", "d1.svg"]
    figures = report["trajectory"]
    assert (figures["dialogues"], figures["messages"]) == (1, 2)
    assert figures["direction_of_change"]["total"] == 1
    words = "".join(parsed(tmp_path / "pictures" / "d1.svg").itertext())
    assert "loss <cat>" in words
    assert "(relief)" in words
    parsed(tmp_path / "pictures" / "course.svg")


def test_no_marked_dialogue_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "rows.jsonl"
    data.write_text('{"text": "hm", "labels": ["joy"]}\n')
    assert main(["emotion", "--data", str(data), "--trajectory", str(tmp_path / "x")]) == 2
    assert "no dialogues" in capsys.readouterr().err


def told(marked: str, valence: float) -> trajectory.Told:
    return trajectory.Told(marked, EmotionReading("joy", {}, valence, 0.0, "en", "test", {}))


def test_figures_of_a_reader_that_follows_and_of_one_that_does_not() -> None:
    good = trajectory.Session("g", "", (told("sadness", -0.8), told("joy", 0.8)))
    bad = trajectory.Session("b", "", (told("sadness", 0.8), told("joy", -0.8)))
    assert trajectory.figures([good])["valence_correlation"] == pytest.approx(1.0)
    found = trajectory.figures([good, bad])
    assert found["direction_of_change"] == {"hits": 1, "total": 2} | {
        key: found["direction_of_change"][key]
        for key in ("value", "low", "high")  # type: ignore[index]
    }
