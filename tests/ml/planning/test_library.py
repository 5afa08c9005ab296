"""The shipped library is valid, and every kind of fault in a library is refused with its place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ml.planning.library import FOLDER, LibraryError, load
from ml.planning.manifest import main, renew

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the library that may be spoilt."""
    return Path(shutil.copytree(FOLDER, tmp_path / "library"))


def _edit(folder: Path, name: str, line: int, edit: Edit) -> None:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[line])
    edit(row)
    lines[line] = json.dumps(row, ensure_ascii=False)
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _faults(folder: Path) -> tuple[str, ...]:
    with pytest.raises(LibraryError) as caught:
        renew("1", folder)
    return caught.value.faults


def test_the_shipped_library_is_whole() -> None:
    library = load()
    assert (len(library.techniques), len(library.articles), len(library.practices)) == (56, 48, 14)
    assert (len(library.problem_edges), len(library.technique_edges), len(library.constraints)) == (204, 167, 12)
    states = {item.review.state for item in library.techniques.values()}
    assert states == {"unreviewed", "clinician_first"}, "no clinician has approved anything yet"


@pytest.mark.parametrize(
    ("name", "line", "edit", "fault"),
    [
        ("techniques.jsonl", 0, lambda row: row.pop("steps"), "techniques.jsonl:1 (ba-small-step).steps: is missing"),
        ("techniques.jsonl", 0, lambda row: row["title"].pop("zh"), ".title.zh: is missing"),
        ("techniques.jsonl", 0, lambda row: row.update(title={"en": " ", "zh": "好"}), ".title.en: must be a text"),
        ("techniques.jsonl", 1, lambda row: row.update(minutes=0), ".minutes: must be a number from 1 to 60, not 0"),
        ("techniques.jsonl", 1, lambda row: row.update(effort=1.5), ".effort: must be a whole number"),
        ("techniques.jsonl", 1, lambda row: row.update(effort=True), ".effort: must be a number"),
        ("techniques.jsonl", 1, lambda row: row["not_for"].append("nonsense"), ".not_for: 'nonsense' is not known"),
        ("techniques.jsonl", 1, lambda row: row["problems"].append("low_mod"), ".problems: 'low_mod' is not known"),
        ("techniques.jsonl", 1, lambda row: row["when"].append("any"), ".when: names something twice"),
        ("techniques.jsonl", 1, lambda row: row.update(colour="red"), ".colour: is not a known field"),
        ("techniques.jsonl", 1, lambda row: row.update(id="ba-small-step"), "stands in the file twice"),
        ("techniques.jsonl", 1, lambda row: row.update(id="BA x"), ".id: 'BA x' must be"),
        (
            "articles.jsonl",
            0,
            lambda row: row["techniques"].append("gone"),
            "'gone' is neither a technique nor a family",
        ),
        ("articles.jsonl", 0, lambda row: row["practices"].append("gone"), "'gone' is not known"),
        ("practices.jsonl", 0, lambda row: row["phases"][0].update(seconds=61), "last 361 s, but the middle length"),
        ("practices.jsonl", 0, lambda row: row["phases"][1]["pacer"].update(pause=1), ".pacer.pause: is not a known"),
        ("practices.jsonl", 0, lambda row: row["alternatives"].append(row["id"]), "is not another practice"),
        ("practices.jsonl", 0, lambda row: row.update(minutes=[9, 6, 3]), ".minutes: must rise"),
        ("reviews.jsonl", 0, lambda row: row.update(state="fine"), ".state: 'fine' is not one of"),
        ("reviews.jsonl", 0, lambda row: row.update(id="nobody"), "'ba-small-step' has no review state"),
    ],
)
def test_a_fault_is_told_with_its_place(copy: Path, name: str, line: int, edit: Edit, fault: str) -> None:
    _edit(copy, name, line, edit)
    assert any(fault in told for told in _faults(copy)), _faults(copy)


def test_faults_of_the_graph_are_told(copy: Path) -> None:
    graph = json.loads((copy / "graph.json").read_text(encoding="utf-8"))
    graph["mechanism_technique"][0]["technique"] = "gone"
    graph["mechanism_technique"][1]["weight"] = 1.2
    graph["problem_mechanism"].append(graph["problem_mechanism"][0])
    (copy / "graph.json").write_text(json.dumps(graph), encoding="utf-8")
    told = "\n".join(_faults(copy))
    assert "technique 'gone' is not known" in told
    assert "graph.json.mechanism_technique[1].weight: must be a number from 0.01 to 1, not 1.2" in told
    assert "low_mood to inactivity stands in the file twice" in told


def test_every_fault_is_told_at_once(copy: Path) -> None:
    _edit(copy, "techniques.jsonl", 0, lambda row: row.update(minutes=0, effort=9, level="expert"))
    assert len(_faults(copy)) == 3


def test_a_changed_file_needs_a_new_version(copy: Path) -> None:
    _edit(copy, "techniques.jsonl", 0, lambda row: row.update(evidence="Something else"))
    with pytest.raises(LibraryError, match=r"techniques\.jsonl: is not the file of version"):
        load(copy)
    renew("2027.1.1", copy)
    assert load(copy).version == "2027.1.1"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\n\n"])
def test_a_broken_file_is_refused_not_crashed_on(copy: Path, text: str) -> None:
    for name in ("techniques.jsonl", "graph.json", "reviews.jsonl"):
        shutil.copytree(FOLDER, copy, dirs_exist_ok=True)
        (copy / name).write_text(text, encoding="utf-8")
        assert _faults(copy)


def test_a_missing_file_is_refused(copy: Path) -> None:
    (copy / "practices.jsonl").unlink()
    with pytest.raises(LibraryError, match=r"practices\.jsonl: cannot be read"):
        load(copy)


def test_the_command_needs_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
