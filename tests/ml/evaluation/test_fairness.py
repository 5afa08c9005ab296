"""The fairness suite: its data are whole, it counts right, and nothing it reports holds a word of a message."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ml.evaluation import fairness, fairness_figures
from ml.evaluation.__main__ import main
from ml.evaluation.fairness_figures import Case, Reading
from ml.evaluation.rows import EvaluationError, read_rows
from ml.types import Language, RiskLevel

DIMENSIONS = {
    "control", "gender", "faith", "orientation", "disability", "health", "region", "age", "occupation", "name",
    "persona",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_data_are_whole(language: Language) -> None:
    rows = list(read_rows(fairness.FOLDER / f"messages_{language}.jsonl"))
    levels = Counter(row["risk"] for row in rows)
    assert len({row["id"] for row in rows}) == len({row["text"] for row in rows}) == 60
    assert set(levels) == {level.label for level in RiskLevel}
    assert min(levels.values()) >= 7
    personas = fairness.load_personas(fairness.FOLDER, language)
    assert {one.dimension for one in personas} == DIMENSIONS
    assert min(Counter(one.dimension for one in personas).values()) >= 4
    assert len({(one.dimension, one.value) for one in personas}) == len(personas)


def test_both_arrangements_read_naturally() -> None:
    english = fairness.Persona("age", "34", "I'm 34.", "I'm 34, by the way.")
    assert english.told("I can't sleep.", "en") == {
        "before": "I'm 34. I can't sleep.", "after": "I can't sleep. I'm 34, by the way.",
    }  # fmt: skip
    assert fairness.Persona("age", "34", "我34岁。", "").told("睡不着。", "zh")["before"] == "我34岁。睡不着。"


def reading(level: RiskLevel, flag: float, joy: float = 0.0) -> Reading:
    return Reading(level, dict.fromkeys(fairness_figures.RISK_HEADS, flag), {"joy": joy, "sadness": 1 - joy})


def case(value: str, told: Reading, alone: Reading | None = None, *, message: str = "m", place: str = "before") -> Case:
    return Case(message, RiskLevel.HIGH, "faith", value, place, alone or reading(RiskLevel.HIGH, 0.6), told)


def test_changes_are_named_and_signed() -> None:
    cases = [case("a", reading(RiskLevel.IMMINENT, 0.9, 0.5)), case("b", reading(RiskLevel.LOW, 0.2))]
    found: Any = fairness_figures.dimension_report(cases)
    flag = found["risk"]["flag"]
    assert (flag["largest_up"]["value"], flag["largest_up"]["change"]) == ("a", 0.3)
    assert (flag["largest_down"]["value"], flag["largest_down"]["change"]) == ("b", -0.4)
    assert flag["mean_change"] == pytest.approx(0.35)
    assert flag["mean_direction"] == pytest.approx(-0.05)
    level = found["level"]
    assert (level["raised"]["hits"], level["lowered"]["hits"], level["lost_flag"], level["lost_page"]) == (1, 1, 1, 1)
    assert found["emotion"]["largest"] | {"by": 0} == {
        "change": 0.5, "id": "m", "value": "a", "place": "before", "feeling": "joy", "by": 0,
    }  # fmt: skip


def test_swaps_compare_values_with_each_other_only() -> None:
    everybody_up = [case(value, reading(RiskLevel.IMMINENT, 0.9)) for value in "ab"]
    found: Any = fairness_figures.dimension_report(everybody_up)["swap"]
    assert found["largest_spread"]["flag"] == 0
    assert found["other_level"]["hits"] == 0
    unlike = [case("a", reading(RiskLevel.NONE, 0.1)), case("b", reading(RiskLevel.HIGH, 0.7))]
    found = fairness_figures.dimension_report(unlike)["swap"]
    assert found["largest_spread"]["flag"] == pytest.approx(0.6)
    assert found["widest_flag"] == {"id": "m", "place": "before", "lowest": "a", "highest": "b"}
    assert found["other_flag_decision"]["hits"] == 1


def test_lowered_danger_is_listed_with_what_it_costs() -> None:
    steps = [
        (RiskLevel.IMMINENT, RiskLevel.HIGH, "none"), (RiskLevel.HIGH, RiskLevel.MODERATE, "page"),
        (RiskLevel.MODERATE, RiskLevel.NONE, "flag"), (RiskLevel.LOW, RiskLevel.NONE, "support"),
    ]  # fmt: skip
    cases = [case(str(place), reading(to, 0.1), reading(at, 0.9)) for place, (at, to, _) in enumerate(steps)]
    found: Any = fairness_figures.report([*cases, case("same", reading(RiskLevel.HIGH, 0.9))])["lowered_danger"]
    assert [one["lost"] for one in found] == [lost for *_, lost in steps]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small set of the same make: reading the whole one takes minutes."""
    for language in fairness.LANGUAGES:
        for name, keep in (("messages", (0, 40, 59)), ("personas", (0, 1, 10, 11))):
            lines = (fairness.FOLDER / f"{name}_{language}.jsonl").read_text(encoding="utf-8").splitlines()
            (tmp_path / f"{name}_{language}.jsonl").write_text("\n".join(lines[place] for place in keep))
    return tmp_path


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, lines = folder / "out.json", folder / "lines.jsonl"
    assert main(["fairness", "--data", str(folder), "--json", str(out), "--predictions", str(lines)]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert set(report["languages"]) == {"en", "zh"}
    english = report["languages"]["en"]
    assert (english["messages"], set(english["dimensions"])) == (3, {"control", "faith"})
    assert english["dimensions"]["faith"]["level"]["raised"]["total"] == 3 * 2 * 2
    assert len(lines.read_text().splitlines()) == 2 * 3 * 4 * 2
    assert "control" in capsys.readouterr().out
    for row in read_rows(folder / "messages_en.jsonl"):
        assert row["text"] not in out.read_text() + lines.read_text()


def test_one_language_and_one_dimension(folder: Path) -> None:
    out = folder / "out.json"
    assert main(["fairness", "--data", str(folder), "--json", str(out), "--lang", "zh", "--dimension", "gender"]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert set(report["languages"]["zh"]["dimensions"]) == {"control"}


def test_a_bad_row_is_named(folder: Path) -> None:
    (folder / "messages_en.jsonl").write_text('{"id": "x", "text": "hm", "risk": "some"}\n')
    with pytest.raises(EvaluationError, match="some"):
        fairness.read_all(folder, "en")
    (folder / "messages_en.jsonl").write_text('{"id": "x", "text": "hm"}\n')
    with pytest.raises(EvaluationError, match="risk"):
        fairness.read_all(folder, "en")
