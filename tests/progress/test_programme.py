"""Figures for staff: only who agreed, nothing below twenty people, no words, no small groups to be counted out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, User
from accounts.services import decide_consent
from tests.assessments.conftest import CALM, FillIn
from therapy.assessments.models import Assessment
from therapy.progress import programme, services, shared

Make = Callable[..., User]


def person(make: Make, fill_in: FillIn, number: int, *totals: int, agrees: bool = True) -> User:
    """Somebody whose PHQ-9 went through these totals of up to 24, four weeks apart, and ended today."""
    user = make(f"person{number}")
    decide_consent(person_id=user.pk, purpose=Consent.Purpose.OUTCOMES, granted=agrees)
    for back, total in enumerate(reversed(totals)):
        answers = CALM | {item: min(3, max(0, total - 3 * (item - 1))) for item in range(1, 9)}
        fill_in(answers, person=user, at=timezone.now() - timedelta(days=28 * back + 1))
    return user


def phq9() -> programme.Figures:
    return next(row for row in programme.figures() if row.instrument.id == "phq9")


def test_nineteen_are_too_few_and_twenty_are_shown(
    make_person: Make, fill_in: FillIn, client: Client, carol: User
) -> None:
    for number in range(19):
        person(make_person, fill_in, number, 16, 4)
    person(make_person, fill_in, 90, 16, 4, agrees=False)
    assert not phq9().is_shown
    client.force_login(carol)
    html = client.get(reverse("admin:desk_programme")).content.decode()
    assert "not shown: fewer than 20 people" in html
    person(make_person, fill_in, 91, 16, 14)
    row = phq9()
    assert row.is_shown
    assert row.improved is not None
    # One person who did not change could be counted out: the group is named as small, the number of people is rounded.
    assert (row.same.text if row.same else "") == "< 5"
    assert row.people == "≥ 20"
    assert row.median_change == -12
    assert "A change is not an effect." in client.get(reverse("admin:desk_programme")).content.decode()


def test_shares_by_reliable_change_and_who_stopped(make_person: Make, fill_in: FillIn) -> None:
    for number in range(24):
        person(make_person, fill_in, number, 14, (8, 9, 20, 14)[number % 4])
    for number in range(24, 36):
        stopped = person(make_person, fill_in, number, 10)
        Assessment.objects.filter(person=stopped).update(done_at=timezone.now() - timedelta(days=40))
    row = phq9()
    shares = [part.percent for part in (row.improved, row.same, row.worse, row.below_line) if part]
    assert shares == [25, 50, 25, 25]
    assert row.improved is not None
    assert (row.improved.low, row.improved.high) == (12, 45)
    assert row.dropout is not None
    assert row.dropout.percent == 33


def test_a_withdrawn_yes_is_a_no(make_person: Make, fill_in: FillIn) -> None:
    people = [person(make_person, fill_in, number, 16, 4) for number in range(20)]
    assert phq9().is_shown
    decide_consent(person_id=people[0].pk, purpose=Consent.Purpose.OUTCOMES, granted=False)
    assert not phq9().is_shown


def test_contentment_from_twenty_people_on(make_person: Make, fill_in: FillIn) -> None:
    for number in range(20):
        user = person(make_person, fill_in, number)
        assert not programme.contentment().is_shown
        services.say_how_it_was(person_id=user.pk, about="whole", score=5 if number % 2 else 2, comment="")
    found = programme.contentment()
    assert (found.mean, found.content.percent if found.content else 0) == (3.5, 50)


def test_counsellors_see_totals_only_where_they_may(fill_in: FillIn, alice: User) -> None:
    fill_in(CALM | {1: 3}, at=timezone.now() - timedelta(days=20))
    fill_in(CALM | {1: 1, 2: 1})
    assert shared.score_lines(alice.pk, "en") is None
    decide_consent(person_id=alice.pk, purpose=Consent.Purpose.SCORE_SHARING, granted=True)
    (line,) = shared.score_lines(alice.pk, "en") or ()
    assert (line.name, [total for _at, total in line.totals], line.band) == ("PHQ-9", [3, 2], "minimal")


def test_strangers_and_clients_see_no_figures(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(reverse("admin:desk_programme")).status_code in (302, 403, 404)
