"""A second person looks without seeing the first decision; a third settles where they differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.selectors import accesses_to
from ml.types import RiskLevel
from tests.review.test_dispositions import WHOLE
from tests.review.test_transcript import QUEUE
from tests.safety.conftest import CANARY, Raise
from therapy.core.errors import ApplicationError
from therapy.review import report, second_looks, services
from therapy.review.models import Review, SecondLook

Browser = Callable[[User | None], Client]


@pytest.fixture
def decided(raise_risk: Raise, carol: User) -> Review:
    """Carol's decision about a high risk."""
    flag_id = raise_risk(RiskLevel.HIGH).flag_id
    assert flag_id
    return services.review_flag(user=carol, flag_id=flag_id, disposition=WHOLE)


def opinion(outcome: str = "true_alarm", level: int = 3) -> dict[str, object]:
    return {"outcome": outcome, "level_given": level, "note": CANARY}


def test_agreement_and_its_bounds(decided: Review, dan: User) -> None:
    row = second_looks.look(user=dan, review_id=decided.pk, **opinion(level=4))  # type: ignore[arg-type]
    assert row.state == SecondLook.State.AGREED
    assert CANARY.encode() not in bytes(row.note_sealed or b"")


@pytest.mark.parametrize(("outcome", "level"), [("false_alarm", 0), ("true_alarm", 2), ("true_alarm", 1)])
def test_a_difference_is_settled_by_a_third_person(
    decided: Review, dan: User, grace: User, outcome: str, level: int
) -> None:
    row = second_looks.look(user=dan, review_id=decided.pk, **opinion(outcome, level))  # type: ignore[arg-type]
    assert row.state == SecondLook.State.DIFFERS
    with pytest.raises(ApplicationError, match="forbidden"):
        second_looks.settle(user=dan, review_id=decided.pk, **opinion())  # type: ignore[arg-type]
    row = second_looks.settle(user=grace, review_id=decided.pk, **opinion("false_alarm", 1))  # type: ignore[arg-type]
    assert (row.state, row.settled_outcome) == (SecondLook.State.SETTLED, "false_alarm")
    assert report.weeks(1)[0].false_alarms.hits == 1


def test_nobody_looks_at_their_own_decision_or_twice(decided: Review, carol: User, dan: User, grace: User) -> None:
    with pytest.raises(ApplicationError, match="own"):
        second_looks.look(user=carol, review_id=decided.pk, **opinion())  # type: ignore[arg-type]
    second_looks.look(user=grace, review_id=decided.pk, **opinion("false_alarm", 0))  # type: ignore[arg-type]
    with pytest.raises(ApplicationError, match="done"):
        second_looks.look(user=dan, review_id=decided.pk, **opinion())  # type: ignore[arg-type]
    with pytest.raises(ApplicationError, match="own"):
        second_looks.settle(user=grace, review_id=decided.pk, **opinion())  # type: ignore[arg-type]


def test_the_page_hides_the_first_decision_and_is_listed_to_the_person(
    decided: Review, browser: Browser, dan: User, carol: User, alice: User
) -> None:
    client = browser(dan)
    assert f"second-looks/{decided.pk}" in client.get(f"{QUEUE}second-looks/").content.decode()
    body = client.get(f"{QUEUE}second-looks/{decided.pk}/").content.decode()
    assert CANARY[5:] in body
    assert "Earlier decisions" not in body
    assert "carol" not in body
    client.get(f"{QUEUE}second-looks/{decided.pk}/")
    assert [seen.actor_name for seen in accesses_to(alice.pk)] == ["dan"]
    assert browser(carol).get(f"{QUEUE}second-looks/{decided.pk}/").status_code == 404
    answer = client.post(f"{QUEUE}second-looks/{decided.pk}/", opinion())
    assert answer.status_code == 302
    assert SecondLook.objects.get().reviewer == dan


def test_report_counts_agreement(decided: Review, dan: User) -> None:
    second_looks.look(user=dan, review_id=decided.pk, **opinion())  # type: ignore[arg-type]
    SecondLook.objects.update(looked_at=timezone.now())
    week = report.weeks(1)[0]
    assert (week.agreed.hits, week.agreed.of) == (1, 1)
    assert report.weeks(1, now=timezone.now() + timedelta(days=30))[0].second_looks == 0
