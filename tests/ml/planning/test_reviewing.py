"""The next version of a plan: what scores, ratings and refusals change, what is said of it, and what never happens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ml.evaluation.plans_drafts import Inputs, check_drafts
from ml.planning.because import words_of
from ml.planning.constraints import DECLINED_DAYS, refusal
from ml.planning.drafting import draft
from ml.planning.inputs import DeclineReason, DeclineSeen, FollowedSeen, PlanInputs, RatingSeen, ScoreSeen
from ml.planning.library import load
from ml.planning.reviewing import Change, NextPlan, PlanBefore, change_text, review
from ml.types import Language, RiskLevel

LIBRARY = load()
WORRY = PlanInputs("en", goals=("worry less",), scores=(ScoreSeen("gad7", 8),))


def before_of(inputs: PlanInputs) -> PlanBefore:
    steps = draft(inputs, LIBRARY).steps
    return PlanBefore(1, tuple(step.technique for step in steps), tuple(step.per_week for step in steps))


def kinds(following: NextPlan) -> dict[str, Change]:
    return {change.technique: change for change in following.changes}


@pytest.mark.parametrize("goal", ["worry less", "sleep better", "be less lonely", ""])
def test_gad7_up_by_six_gives_another_plan_that_says_so(goal: str) -> None:
    inputs = replace(WORRY, goals=(goal,))
    later = replace(inputs, scores=(ScoreSeen("gad7", 14, change=6),), week=2)
    following = review(before_of(inputs), later, LIBRARY)
    added = [change for change in following.changes if change.kind == "added"]
    assert not following.is_same
    assert any("your GAD-7 answers rose by 6" in change.text for change in added)
    steps = {step.technique: step for step in following.draft.steps}
    assert any("GAD-7 answers rose by 6" in steps[change.technique].because for change in added)


def test_in_chinese_too() -> None:
    inputs = PlanInputs("zh", goals=("少一点担心",), scores=(ScoreSeen("gad7", 8),))
    following = review(before_of(inputs), replace(inputs, scores=(ScoreSeen("gad7", 14, change=6),)), LIBRARY)
    assert any("你的GAD-7得分升高了6分" in change.text for change in following.changes if change.kind == "added")


def test_a_change_within_noise_is_no_rise() -> None:
    following = review(before_of(WORRY), replace(WORRY, scores=(ScoreSeen("gad7", 11, change=3),)), LIBRARY)
    assert not any("rose" in change.text for change in following.changes)


def test_what_is_rated_well_stays_and_what_is_not_goes() -> None:
    before = before_of(WORRY)
    good, bad = before.techniques[:2]
    ratings = (RatingSeen(good, 4, 7), RatingSeen(good, 3, 6), RatingSeen(good, 5, 8))
    ratings += tuple(RatingSeen(bad, 5, 4, day) for day in range(4))
    changes = kinds(review(before, replace(WORRY, ratings=ratings, week=2), LIBRARY))
    assert changes[good].kind in ("kept", "changed")
    assert "you rated it +3 three times" in changes[good].text
    assert changes[bad].kind == "dropped"
    assert changes[bad].text == "Left out: you rated it −1 four times."


def test_what_does_good_is_due_more_often() -> None:
    before = before_of(WORRY)
    good = before.techniques[0]
    ratings = tuple(RatingSeen(good, 3, 7, day) for day in range(4))
    following = review(before, replace(WORRY, ratings=ratings), LIBRARY)
    assert max(following.draft.steps, key=lambda step: step.per_week).technique == good
    assert kinds(following)[good].text.startswith("More often: you rated it +4")


@pytest.mark.parametrize("reason", ["not_for_me", "made_it_worse", *DECLINED_DAYS])
def test_what_was_declined_is_left_out_and_the_reason_said(reason: DeclineReason) -> None:
    before = before_of(WORRY)
    declined = before.techniques[0]
    change = kinds(review(before, replace(WORRY, declines=(DeclineSeen(declined, reason),)), LIBRARY))[declined]
    assert change.kind == "dropped"
    assert change.text.startswith("Left out: you ")


def test_a_no_for_good_holds_for_ever_and_a_not_now_for_two_weeks() -> None:
    technique = LIBRARY.techniques["sc-break"]

    def refused(reason: DeclineReason, days_ago: int) -> str | None:
        return refusal(technique, replace(WORRY, declines=(DeclineSeen("sc-break", reason, days_ago),)), frozenset())

    assert refused("not_for_me", 5000) == "declined:not_for_me"
    assert refused("not_now", 13) == "declined:not_now"
    assert refused("not_now", 14) is None


def test_a_new_caution_takes_a_step_out_and_says_why() -> None:
    inputs = replace(WORRY, goals=("sleep better", "worry less"))
    before = PlanBefore(1, ("body-slow-breath", "cog-worry-time"))
    change = kinds(review(before, replace(inputs, cautions=frozenset({"heart_or_breathing_condition"})), LIBRARY))
    assert change["body-slow-breath"].text == "Left out: it may not suit you with what you told us."


def test_a_step_that_is_never_done_is_left_out_without_blame() -> None:
    before = before_of(WORRY)
    undone = before.techniques[1]
    followed = (FollowedSeen(undone, 12, 0), FollowedSeen(before.techniques[0], 12, 12))
    change = kinds(review(before, replace(WORRY, followed=followed), LIBRARY))[undone]
    assert (change.kind, change.text) == ("dropped", "Left out: there was hardly ever a good moment for it.")


def test_high_risk_leaves_only_the_bridge() -> None:
    following = review(before_of(WORRY), replace(WORRY, risk=RiskLevel.HIGH), LIBRARY)
    assert following.draft.is_bridge
    dropped = [change for change in following.changes if change.kind == "dropped"]
    assert all("a person comes first now" in change.text for change in dropped)


def test_a_severe_score_brings_a_person_first() -> None:
    plan = draft(PlanInputs("en", goals=("worry less",), scores=(ScoreSeen("phq9", 21),)), LIBRARY)
    assert plan.steps[0].uses == ("person:few",)
    assert "severe_depression_alone" in plan.cautions


def test_little_energy_and_time_hold() -> None:
    plan = draft(replace(WORRY, energy="low", minutes_most=8, minutes_week=30), LIBRARY)
    steps = [LIBRARY.techniques[step.technique] for step in plan.steps]
    assert all(step.effort == 1 and step.minutes <= 8 for step in steps)
    assert sum(step.minutes * step.per_week for step in plan.steps) <= 30


def test_only_reviewed_steps_where_that_is_asked_for() -> None:
    plan = draft(replace(WORRY, reviewed_only=True), LIBRARY)
    assert [step.uses for step in plan.steps] == [("person:few",)], "no clinician has approved anything yet"


def test_nothing_new_changes_nothing() -> None:
    first = review(before_of(WORRY), WORRY, LIBRARY)
    again = PlanBefore(
        2,
        tuple(step.technique for step in first.draft.steps),
        tuple(step.per_week for step in first.draft.steps),
    )
    assert review(again, WORRY, LIBRARY).is_same
    assert review(again, WORRY, LIBRARY) == review(again, WORRY, LIBRARY)


def test_steps_the_library_no_longer_holds_are_passed_over() -> None:
    assert "gone" not in kinds(review(PlanBefore(1, ("gone", "talk-to-a-person", "")), WORRY, LIBRARY))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_stored_codes_give_the_same_words_and_the_other_language_its_own(language: Language) -> None:
    other: Language = "zh" if language == "en" else "en"
    made = Inputs(LIBRARY, 5)
    for _ in range(200):
        inputs = replace(made.one(), language=language)
        plan = draft(inputs, LIBRARY)
        for step in plan.steps:
            assert words_of(step.uses, language, LIBRARY) == step.because
            assert words_of(step.uses, other, LIBRARY) not in ("", step.because)
    following = review(PlanBefore(1, ("sc-break", "cog-worry-time")), made.one(), LIBRARY)
    for change in following.changes:
        assert change_text(change.kind, change.uses, following.draft.language, LIBRARY) == change.text


def test_the_first_days_are_light() -> None:
    plan = draft(replace(WORRY, goals=("worry less", "sleep better", "be less lonely")), LIBRARY)
    assert [step.from_week for step in plan.steps][:2] == [1, 1]
    assert sorted(step.from_week for step in plan.steps) == [1, 1, *range(2, len(plan.steps))]
    assert all(len(step.days) == step.per_week for step in plan.steps)


def test_constraints_hold_in_two_thousand_drafts_and_reviews() -> None:
    report = check_drafts(2_000, LIBRARY, seed=1)
    assert (report["violations"], report["by_constraint"]) == (0, {})
