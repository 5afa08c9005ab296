"""Entries: sealed, one per moment, taken back with what they told; words of danger bring help."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts import rights
from accounts import services as people
from accounts.models import User
from tests.journal.conftest import Write
from therapy.chat.models import Message
from therapy.chat.selectors import open_message
from therapy.core.errors import ApplicationError
from therapy.core.today import cards_of
from therapy.journal import moments, selectors, services
from therapy.journal.models import Entry
from therapy.journal.readings import Reading
from therapy.observations import selectors as observations
from therapy.observations.models import Observation
from therapy.safety.models import Alert, RiskFlag

pytestmark = pytest.mark.django_db
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")


def test_an_entry_is_kept_sealed_and_told_as_numbers(alice: User, write: Write) -> None:
    write(
        valence=-1, arousal=2, words=("tense",), sleep_hours=5.5, energy=2, activities=("work", "Choir"), text="Zebra"
    )
    row = Entry.objects.get()
    for sealed in (row.reading_sealed, row.text_sealed):
        for word in (b"Zebra", b"tense", b"Choir", b"5.5"):
            assert word not in bytes(sealed or b"")
    view = selectors.entry_of(alice.pk, row.pk)
    assert view
    assert (view.reading.text, view.reading.sleep_hours, view.reading.own_activities) == ("Zebra", 5.5, ("Choir",))
    told = {kind: observations.recent(alice.pk, kind)[0].payload for kind in services.KINDS}
    assert told["mood"] == {"valence": -0.5, "arousal": 1.0, "words": ["tense"]}
    assert told["sleep"] == {"hours": 5.5}
    assert told["energy"] == {"level": 2}
    assert told["activity"] == {"tags": ["work", "Choir"]}
    assert "Zebra" not in str(told)


def test_changing_and_deleting_take_back_what_was_told(alice: User, write: Write) -> None:
    entry = write(valence=1, energy=3)
    services.edit(person_id=alice.pk, entry_id=entry.entry_id, reading=Reading(valence=-2))
    assert [row.payload["valence"] for row in observations.recent(alice.pk, "mood")] == [-1.0]
    assert observations.recent(alice.pk, "energy") == []
    assert services.delete(person_id=alice.pk, entry_id=entry.entry_id)
    assert not services.delete(person_id=alice.pk, entry_id=entry.entry_id)
    assert not Observation.objects.exists()
    assert not Entry.objects.exists()


def test_nothing_is_told_without_the_consent_to_health_data(alice: User, write: Write) -> None:
    people.decide_consent(person_id=alice.pk, purpose="health_data", granted=False)
    write(valence=1)
    assert Entry.objects.count() == 1
    assert not Observation.objects.exists()


def test_a_form_sent_twice_is_one_entry_and_a_moment_has_one(alice: User, bob: User, write: Write) -> None:
    key, at = uuid4(), timezone.now() - timedelta(hours=2)
    for _twice in range(2):
        services.write(person_id=alice.pk, entry_id=key, reading=Reading(valence=1), at=at)
    assert Entry.objects.count() == 1
    with pytest.raises(ApplicationError) as refused:
        write(at=at, energy=1)
    assert refused.value.code == "taken"
    # A key that somebody else's entry has neither shows nor changes that entry.
    services.write(person_id=bob.pk, entry_id=key, reading=Reading(valence=-2))
    assert Entry.objects.get(pk=key).person_id == alice.pk
    assert Entry.objects.filter(person=bob).count() == 1


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        ({}, "nothing_said"),
        ({"text": " \n\x00 "}, "nothing_said"),
        ({"valence": 3}, "valence"),
        ({"sleep_hours": 25}, "sleep_hours"),
        ({"sleep_hours": float("nan")}, "sleep_hours"),
        ({"sleep_quality": 0}, "sleep_quality"),
        ({"energy": 6}, "energy"),
        ({"words": ("brilliant",)}, "words"),
        ({"activities": ("x" * 41,)}, "activities"),
        ({"activities": tuple(map(str, range(13)))}, "activities"),
        ({"text": "x" * 2001}, "text"),
    ],
)
def test_what_does_not_fit_is_refused(write: Write, reading: dict[str, object], code: str) -> None:
    with pytest.raises(ApplicationError) as refused:
        write(**reading)
    assert refused.value.code == code
    assert not Entry.objects.exists()


def test_the_future_and_the_far_past_are_refused(write: Write) -> None:
    for at, code in ((timezone.now() + timedelta(hours=1), "future"), (datetime(1999, 1, 1, tzinfo=UTC), "too_old")):
        with pytest.raises(ApplicationError) as refused:
            write(at=at, valence=0)
        assert refused.value.code == code


def test_the_day_is_that_of_the_person_and_stays(alice: User, write: Write) -> None:
    people.update_profile(person_id=alice.pk, time_zone="Asia/Shanghai")
    write(at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC), valence=0)
    assert Entry.objects.get().day == date(2026, 3, 2)
    people.update_profile(person_id=alice.pk, time_zone="America/New_York")
    assert selectors.page_of_days(alice.pk)[0][0].day == date(2026, 3, 2)


def test_hours_that_are_left_out_or_come_twice() -> None:
    spring = moments.moment(datetime(2026, 3, 29, 2, 30), BERLIN)  # noqa: DTZ001 - a clock without a zone is the point
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moments.day_of(spring, BERLIN) == date(2026, 3, 29)
    autumn = moments.moment(datetime(2026, 10, 25, 2, 30), BERLIN)  # noqa: DTZ001
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    midnight = moments.moment(datetime(2026, 10, 25, 0, 0), BERLIN)  # noqa: DTZ001
    assert [moments.day_of(midnight + timedelta(hours=hour), BERLIN).day for hour in (0, 24, 25)] == [25, 25, 26]
    assert moments.day_of(datetime(2026, 5, 1, 16, 1, tzinfo=UTC), SHANGHAI) == date(2026, 5, 2)


def test_words_of_danger_bring_help_and_a_person(alice: User, write: Write) -> None:
    written = write(valence=-2, text="I want to kill myself tonight, the pills are here")
    assert written.assessment
    assert written.brought
    assert written.assessment.level >= 3
    flag = RiskFlag.objects.get(person=alice)
    assert flag.level >= written.assessment.level
    assert Alert.objects.filter(flag=flag).exists()
    assert Entry.objects.count() == 1
    message = Message.objects.get(pk=flag.message_id)
    assert "the pills are here" in open_message(message, alice.pk).text
    assert message.role == "user"


def test_own_activities_are_read_for_danger_too_and_changed_words_again(alice: User, write: Write) -> None:
    assert write(activities=("cutting myself again",)).assessment
    calm = write(text="A quiet day at the lake.")
    assert calm.assessment is None
    count = RiskFlag.objects.count()
    changed = services.edit(
        person_id=alice.pk, entry_id=calm.entry_id, reading=Reading(text="我不想活了，药已经准备好了")
    )
    assert changed.assessment
    assert RiskFlag.objects.count() == count + 1
    again = Reading(text="我不想活了，药已经准备好了", energy=1)
    assert services.edit(person_id=alice.pk, entry_id=calm.entry_id, reading=again).assessment is None


def test_danger_in_many_entries_at_once_is_never_lost(alice: User, write: Write, settings: object) -> None:
    settings.CHAT_MESSAGES_PER_MINUTE = 1  # type: ignore[attr-defined]
    for _again in range(3):
        assert write(text="I don't want to live anymore").brought
    assert RiskFlag.objects.filter(person=alice).count() == 3


def test_export_and_erasure(alice: User, write: Write) -> None:
    write(valence=1, text="Zebra")
    data = rights.export_person(alice.pk)["journal"]["entries"]
    assert (data[0]["text"], data[0]["valence"]) == ("Zebra", 1)
    rights.erase_person(person_id=alice.pk)
    assert not Entry.objects.exists()


def test_the_card_on_today(alice: User, bob: User, write: Write) -> None:
    def mine(person: User) -> str:
        return next(card.title for card in cards_of(person.pk) if card.key == "journal")

    assert mine(alice) == "How is today?"
    write(valence=0)
    assert (mine(alice), mine(bob)) == ("My journal", "How is today?")
