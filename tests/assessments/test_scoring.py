"""The data hold together, and adding up is right: reversed items, percentages, ranges, reliable change."""

from __future__ import annotations

import itertools
import tomllib
from typing import Any

import pytest

from ml.types import RiskLevel
from therapy.assessments import instruments, rules, scoring
from therapy.care import answers as care_answers

ALL = instruments.all_known()


@pytest.mark.parametrize("name", instruments.KNOWN)
def test_every_questionnaire_is_whole_and_names_its_source(name: str) -> None:
    instrument = ALL[name]
    assert instrument.count == {"phq9": 9, "gad7": 7, "who5": 5, "pss10": 10}[name]
    assert all(instrument.source[key] for key in ("authors", "paper", "licence", "translation_zh"))
    assert instrument.version.startswith(name)
    covered = [total for band in instrument.bands for total in range(band.first, band.last + 1, instrument.step)]
    assert covered == list(range(instrument.lowest, instrument.highest + 1, instrument.step))


def test_only_free_questionnaires_are_on_by_default(settings: Any) -> None:
    assert [one.id for one in instruments.offered()] == ["phq9", "gad7", "who5"]
    settings.ASSESSMENT_INSTRUMENTS = ["pss10", "isi"]
    assert [one.id for one in instruments.offered()] == ["pss10"]


def test_the_published_wording_stands() -> None:
    phq9 = ALL["phq9"]
    assert phq9.texts["en"].items[8] == "Thoughts that you would be better off dead or of hurting yourself in some way"
    assert phq9.texts["zh"].items[8] == "有不如死掉或用某种方式伤害自己的念头"
    assert ALL["gad7"].texts["zh"].options == ("完全不会", "好几天", "一半以上的天数", "几乎每天")
    assert ALL["who5"].texts["en"].items[3] == "I woke up feeling fresh and rested"


@pytest.mark.parametrize(
    ("total", "name"),
    [(0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate")]
    + [(15, "moderately severe"), (19, "moderately severe"), (20, "severe"), (27, "severe")],
)
def test_ranges_of_the_phq9(total: int, name: str) -> None:
    assert ALL["phq9"].texts["en"].bands[ALL["phq9"].band_of(total).number] == name


@pytest.mark.parametrize(
    ("total", "name"),
    [(4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"), (15, "severe"), (21, "severe")],
)
def test_ranges_of_the_gad7(total: int, name: str) -> None:
    assert ALL["gad7"].texts["en"].bands[ALL["gad7"].band_of(total).number] == name


def test_sums_percentages_and_reversed_items() -> None:
    assert scoring.score(ALL["phq9"], dict.fromkeys(range(1, 10), 3)).total == 27
    assert scoring.score(ALL["who5"], dict.fromkeys(range(1, 6), 5)).total == 100
    assert scoring.score(ALL["who5"], {1: 3, 2: 2, 3: 4, 4: 1, 5: 3}).total == 52
    pss10 = ALL["pss10"]
    assert pss10.reversed == {4, 5, 7, 8}
    assert scoring.score(pss10, dict.fromkeys(range(1, 11), 0)).total == 16
    worst = {item: 0 if item in pss10.reversed else 4 for item in range(1, 11)}
    assert scoring.score(pss10, worst).total == 40


def test_the_extra_question_does_not_count_and_gaps_are_refused() -> None:
    phq9 = ALL["phq9"]
    answers = dict.fromkeys(range(1, 10), 1)
    assert scoring.score(phq9, answers | {10: 3}).total == 9
    assert scoring.is_answer(phq9, 10, 3)
    assert not scoring.is_answer(phq9, 11, 0)
    assert not scoring.is_answer(phq9, 1, 4)
    assert scoring.missing(phq9, {1: 0, 9: 0}) == [2, 3, 4, 5, 6, 7, 8]
    with pytest.raises(ValueError, match="item 5"):
        scoring.score(phq9, {item: value for item, value in answers.items() if item != 5})


@pytest.mark.parametrize(
    ("name", "before", "after", "verdict", "crossed"),
    [
        ("phq9", 14, 9, "same", False),
        ("phq9", 14, 8, "improved", True),
        ("phq9", 20, 12, "improved", False),
        ("phq9", 8, 14, "worse", False),
        ("gad7", 12, 9, "same", False),
        ("gad7", 11, 7, "improved", True),
        ("gad7", 5, 11, "worse", False),
        ("who5", 32, 52, "improved", True),
        ("who5", 60, 48, "same", False),
        ("who5", 60, 40, "worse", False),
        ("pss10", 20, 13, "improved", False),
    ],
)
def test_reliable_change(name: str, before: int, after: int, verdict: str, crossed: bool) -> None:
    change = scoring.change(ALL[name], before, after)
    assert (change.verdict, change.crossed_line) == (verdict, crossed)
    assert change.low < change.by < change.high
    # What is called reliable never has the zero within its interval.
    assert not change.is_reliable or change.low > 0 or change.high < 0


def test_item_rules_are_data_and_never_fall_behind_those_of_care() -> None:
    for instrument, item, value in itertools.product(ALL, range(1, 11), range(6)):
        ours, theirs = rules.met(instrument, {item: value}), care_answers.rule_for(instrument, item, value)
        assert (theirs is None) or (ours is not None and ours.level >= theirs.level)
    met = rules.met("phq9", {9: 1})
    assert met is not None
    assert (met.action, met.level) == ("ask", RiskLevel.MODERATE)
    assert rules.met("phq9", dict.fromkeys(range(1, 9), 3) | {9: 0}) is None


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({1: 0, 2: 0, 3: 0, 4: 0}, None),
        ({1: 1}, RiskLevel.MODERATE),
        ({1: 2, 2: 0}, RiskLevel.MODERATE),
        ({2: 1}, RiskLevel.HIGH),
        ({3: 1}, RiskLevel.HIGH),
        ({4: 2}, RiskLevel.HIGH),
        ({1: 0, 4: 3}, RiskLevel.IMMINENT),
    ],
)
def test_levels_of_the_direct_questions(answers: dict[int, int], level: RiskLevel | None) -> None:
    met = rules.met(rules.FOLLOW_UP, answers)
    assert (met.level if met else None) == level


@pytest.mark.parametrize("part", ["version", "scoring", "change", "source", "text"])
def test_a_broken_file_is_refused(part: str) -> None:
    raw = tomllib.loads((instruments.DATA / "gad7.toml").read_text())
    del raw[part]
    with pytest.raises(instruments.DataFault, match="gad7"):
        instruments.parse(raw)


def test_languages_that_differ_are_refused() -> None:
    raw = tomllib.loads((instruments.DATA / "gad7.toml").read_text())
    raw["text"]["zh"]["items"] = raw["text"]["zh"]["items"][:-1]
    with pytest.raises(instruments.DataFault, match="items of zh"):
        instruments.parse(raw)
