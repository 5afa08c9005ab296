"""Runs: begun, kept, resumed, finished once, sealed, and nobody else's."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from accounts import rights
from accounts import services as accounts
from accounts.models import Consent, User
from ml.types import RiskLevel
from tests.practice.conftest import BREATH
from therapy.core import domain, today
from therapy.core.errors import ApplicationError
from therapy.observations import selectors as observations
from therapy.practice import selectors, services
from therapy.practice.body import Ratings
from therapy.practice.models import PracticeRun


def test_a_run_is_begun_kept_and_finished_once(alice: User, begun: PracticeRun) -> None:
    services.keep_position(person_id=alice.pk, run_id=begun.pk, position=100, extra=(0, 30, 0))
    view = selectors.open_run(alice.pk)
    assert view is not None
    assert (view.position, view.body.extra, view.body.whole) == (100, (0, 30, 0), 210)
    for calm in (7, 1):
        services.finish(person_id=alice.pk, run_id=begun.pk, after=Ratings(calm, 5, 6), seconds=205)
    (seen,) = observations.recent(alice.pk, "practice")
    assert seen.payload["before"] == {"calm": 3, "focused": 4, "mood": 5}
    assert seen.payload["after"] == {"calm": 7, "focused": 5, "mood": 6}
    assert selectors.open_run(alice.pk) is None
    services.keep_position(person_id=alice.pk, run_id=begun.pk, position=1, extra=(0, 0, 0))
    assert selectors.history(alice.pk)[0].position == 205


def test_one_is_open_at_a_time_and_a_late_answer_still_counts(alice: User, begun: PracticeRun) -> None:
    second = services.start(person_id=alice.pk, practice_id="prac-walking", minutes=3, before=Ratings())
    open_run = selectors.open_run(alice.pk)
    assert open_run is not None
    assert open_run.id == second.pk
    assert PracticeRun.objects.get(pk=begun.pk).state == PracticeRun.State.LEFT
    services.finish(person_id=alice.pk, run_id=begun.pk, after=Ratings(8), seconds=180)
    assert PracticeRun.objects.get(pk=begun.pk).state == PracticeRun.State.DONE


def test_what_was_said_is_sealed(begun: PracticeRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body_sealed FROM practice_practicerun")
        assert b"calm" not in bytes(cursor.fetchone()[0])


def test_without_consent_nothing_about_feelings_is_kept(alice: User) -> None:
    accounts.decide_consent(person_id=alice.pk, purpose=Consent.Purpose.HEALTH_DATA, granted=False)
    row = services.start(person_id=alice.pk, practice_id=BREATH, minutes=3, before=Ratings(1, 1, 1))
    assert selectors.view_of(row).body.before.is_empty
    services.finish(person_id=alice.pk, run_id=row.pk, after=Ratings(9, 9, 9), seconds=180)
    assert selectors.history(alice.pk)[0].body.after.is_empty


def test_bob_cannot_touch_it(bob: User, begun: PracticeRun, client: Client) -> None:
    with pytest.raises(ApplicationError):
        services.finish(person_id=bob.pk, run_id=begun.pk, after=Ratings(1), seconds=1)
    client.force_login(bob)
    assert client.get(f"/practice/run/{begun.pk}/").status_code == 404
    for place in ("position", "finish", "leave"):
        assert client.post(f"/practice/run/{begun.pk}/{place}/").status_code == 404


@pytest.mark.parametrize(("practice", "minutes"), [("prac-nothing", 3), (BREATH, 4), ("prac-urge-surf", 3)])
def test_what_is_not_offered_cannot_begin(alice: User, practice: str, minutes: int) -> None:
    with pytest.raises(ApplicationError):
        services.start(person_id=alice.pk, practice_id=practice, minutes=minutes, before=Ratings())


def test_in_danger_only_steadying_ones_are_offered(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(selectors.offered(alice.pk)) == 14
    monkeypatch.setattr("therapy.safety.selectors.effective_level", lambda _person: RiskLevel.HIGH)
    kinds = {practice.kind for practice in selectors.offered(alice.pk)}
    assert kinds <= selectors.STEADYING_KINDS
    assert selectors.is_person_first(alice.pk)


def test_the_domain_sets_the_order(alice: User, settings) -> None:
    settings.ATTUNE_DOMAIN = "sleep"
    assert selectors.offered(alice.pk)[0].id == "prac-wind-down" == domain.current().practices[0]


def test_export_and_erasure(alice: User, begun: PracticeRun) -> None:
    assert rights.export_person(alice.pk)["practice"]["practices"][0]["before"]["calm"] == 3
    rights.erase_person(person_id=alice.pk)
    assert not PracticeRun.objects.filter(pk=begun.pk).exists()


def test_today_offers_to_go_on(alice: User, begun: PracticeRun) -> None:
    def card() -> str:
        return next(card.url for card in today.cards_of(alice.pk) if card.key == "practice")

    assert card() == f"/practice/run/{begun.pk}/"
    services.leave(person_id=alice.pk, run_id=begun.pk)
    assert card().startswith("/practice/prac-")


def test_unknown_runs_are_told(alice: User) -> None:
    with pytest.raises(ApplicationError):
        services.leave(person_id=alice.pk, run_id=uuid4())
