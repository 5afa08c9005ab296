"""The study of plans: its simulator, its sums, its picture and its command line, all small."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.evaluation.__main__ import main
from ml.evaluation.plans import SETTINGS
from ml.evaluation.plans_drafts import violations
from ml.evaluation.plans_people import Population, World
from ml.evaluation.plans_picture import picture
from ml.evaluation.plans_policies import History, allowed_places, fixed_plan
from ml.evaluation.plans_running import GOES, Study, _goes, more_than, run_seed
from ml.planning.drafting import draft
from ml.planning.inputs import DeclineSeen, PlanInputs
from ml.planning.library import load

LIBRARY = load()
SMALL = Study(people=3, weeks=2, seeds=(0, 1))


def test_people_are_the_same_for_a_seed_and_others_for_another() -> None:
    one, same, other = (Population(World(), LIBRARY, seed).people(2)[1] for seed in (1, 1, 2))
    assert one.inputs == same.inputs
    assert (one.effect == same.effect).all()
    assert one.inputs != other.inputs


def test_people_are_not_made_as_the_planner_believes() -> None:
    effects = np.concatenate([one.effect for one in Population(World(), LIBRARY, 0).people(40)])
    assert 0.15 < (effects == 0).mean() < 0.35, "some things do nothing for a person"
    assert (effects < -0.5).any(), "some do harm"
    told = effects[effects != 0]
    assert ((told - told.mean()) ** 4).mean() / told.var() ** 2 > 2.5, "tails are no thinner than normal ones by much"


def test_what_is_said_is_whole_bounded_and_sometimes_missing() -> None:
    person = Population(World(), LIBRARY, 0).people(1)[0]
    draw = np.random.default_rng(0)
    said = [person.practise(0, "ba-small-step", 1, draw)[1] for _ in range(300)]
    ratings = [one for one in said if one]
    assert 0 < len(ratings) < 300
    assert all(0 <= value <= 10 and value == int(value) for one in ratings for value in (one.before, one.after))


def test_habit_wears_off_and_drift_moves() -> None:
    person = Population(World(habit=0.1), LIBRARY, 0).people(1)[0]
    fresh = person.gives().copy()
    person.goes[:] = 3
    assert np.allclose(person.gives(), 0.7 * fresh)
    before = person.effect.copy()
    person.drift(np.random.default_rng(0))
    assert ((person.effect != before) == (before != 0)).all()


def test_goes_are_whole_and_add_up() -> None:
    for shares in ({1: 1 / 3, 2: 1 / 3, 5: 1 / 3}, {4: 1.0}, {1: 0.26, 2: 0.25, 3: 0.24, 4: 0.25}):
        assert sum(goes for _, goes in _goes(shares)) == GOES


def test_a_fixed_plan_keeps_to_what_a_person_may_have() -> None:
    population = Population(World(caution=0.6), LIBRARY, 0)
    for person in population.people(10):
        allowed = allowed_places(person, population)
        shares = fixed_plan(range(len(LIBRARY.techniques)), 3, population)(person, 0, History())
        assert all(allowed[place] for place in shares)


def test_all_plans_meet_the_same_people_and_hindsight_is_the_best() -> None:
    found = run_seed(World(), LIBRARY, 0, SMALL)
    assert all(row.shape == (SMALL.weeks,) for row in found.values())
    assert max(found, key=lambda arm: found[arm].sum()) == "hindsight"
    again = run_seed(World(), LIBRARY, 0, SMALL, ("planner",))
    assert (again["planner"] == found["planner"]).all()


def test_more_is_a_share_with_an_interval_around_it() -> None:
    more = more_than([2.0, 3.0, 4.0], [1.0, 2.0, 3.0])
    assert more["value"] == pytest.approx(0.5)
    assert more["low"] <= more["value"] <= more["high"]
    assert more_than([1.0, 2.0], [1.0, 2.0]) == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_every_setting_changes_a_field_of_the_world() -> None:
    assert len(set(SETTINGS.values())) == len(SETTINGS)


def test_the_checker_finds_what_is_wrong() -> None:
    inputs = PlanInputs("en", goals=("worry less",))
    plan = draft(inputs, LIBRARY)
    assert violations(plan, inputs, LIBRARY) == []
    name = plan.steps[1].technique
    assert violations(plan, replace(inputs, declines=(DeclineSeen(name, "not_for_me"),)), LIBRARY) == ["declined"]
    assert "minutes of the week" in violations(plan, replace(inputs, minutes_week=16), LIBRARY)
    assert "review state" in violations(plan, replace(inputs, reviewed_only=True), LIBRARY)
    assert "cautions lost" in violations(plan, replace(inputs, cautions=frozenset({"mania_symptoms"})), LIBRARY)


def test_the_command_writes_report_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, drawing = tmp_path / "plans.json", tmp_path / "regret.svg"
    asked = ["plans", "--people", "2", "--weeks", "2", "--seeds", "2", "--no-sensitivity"]
    assert main([*asked, "--json", str(report), "--picture", str(drawing)]) == 0
    written = json.loads(report.read_text(encoding="utf-8"))
    assert set(written["more_than"]["fixed"]["planner"]) == {"value", "low", "high"}
    assert len(written["arms"]["planner"]["by_week"]) == 2
    assert drawing.read_text(encoding="utf-8").startswith("<svg")
    assert "graph_alone" in capsys.readouterr().out


def test_the_command_checks_drafts(tmp_path: Path) -> None:
    report = tmp_path / "drafts.json"
    assert main(["plans", "--drafts", "40", "--json", str(report)]) == 0
    assert json.loads(report.read_text(encoding="utf-8"))["violations"] == 0


def test_asked_wrongly_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plans", "--seeds", "1"]) == 2
    assert "two seeds" in capsys.readouterr().err


def test_names_in_the_picture_do_not_stand_on_each_other() -> None:
    row = {arm: np.array([1.0, 1.0]) for arm in ("planner", "planner_with_others", "fixed", "graph_alone", "random")}
    drawing = picture([{**row, "hindsight": np.array([2.0, 2.0])}] * 2, 5)
    text = drawing.render()
    assert all(name in text for name in ("best fixed plan", "graph alone", "random plan"))
