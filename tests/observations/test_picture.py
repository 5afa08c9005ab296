"""The picture of one's feelings: geometry and words, and that nothing is kept or shown without a yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import translation

from accounts.models import Consent, User
from accounts.services import decide_consent
from ml.understanding.labels import FEELINGS
from therapy.observations import feelings, picture, selectors, services
from therapy.observations.models import FeelingsPicture, Observation
from therapy.observations.selectors import ObservationView

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def view(label: str, valence: object, arousal: object, minute: int = 0) -> ObservationView:
    payload = {"label": label, "valence": valence, "arousal": arousal}
    return ObservationView("emotion", NOON + timedelta(minutes=minute), "chat", uuid4(), payload)


def test_pleasant_is_high_and_stirred_is_large() -> None:
    drawn = picture.draw([view("sadness", -0.7, -0.4), view("joy", 0.9, 0.5), view("neutral", 0.0, 0.0)])
    sad, glad, even = drawn.moments
    assert sad.y > even.y > glad.y
    assert even.y == drawn.middle
    assert glad.radius > even.radius > sad.radius
    assert (sad.tone, even.tone, glad.tone) == ("heavy", "even", "light")
    assert (sad.is_clear, even.is_clear) == (True, False)
    assert drawn.path.startswith(f"M{sad.x} {sad.y} C")


def test_nothing_leaves_the_frame() -> None:
    drawn = picture.draw([view("fear", -9, 9), view("joy", 9, -9), view("joy", None, "high")])
    for moment in drawn.moments:
        assert moment.y - moment.radius >= 0
        assert moment.y + moment.radius < drawn.caption_y - 10
        assert 0 < moment.x < drawn.width


def test_a_long_conversation_keeps_its_numbers() -> None:
    drawn = picture.draw([view("joy", 0.5, 0, minute) for minute in range(70)], most=60)
    assert (drawn.left_out, drawn.moments[0].number, drawn.moments[-1].number) == (10, 11, 70)


def test_an_empty_picture() -> None:
    assert picture.draw([]).moments == ()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_feeling_has_a_name(language: str) -> None:
    with translation.override(language):
        names = {label: feelings.feeling_name(label) for label in FEELINGS}
    assert len(set(names.values())) == len(FEELINGS)
    assert all(name.isascii() == (language == "en") for name in names.values())


def test_a_label_of_another_reader_is_shown_as_it_is() -> None:
    assert feelings.feeling_name("nostalgia") == "nostalgia"


def record(person: User) -> Observation | None:
    return services.record(person_id=person.pk, kind="emotion", payload={"label": "joy"}, source="chat")


def test_emotion_is_kept_only_with_a_yes(alice: User) -> None:
    assert record(alice)
    decide_consent(person_id=alice.pk, purpose=Consent.Purpose.EMOTION_READING, granted=False)
    assert record(alice) is None
    assert services.record(person_id=alice.pk, kind="topic", payload={"topics": ["work"]}, source="chat")


def test_an_installation_may_not_read_at_all(alice: User, settings) -> None:
    settings.EMOTION_READING = False
    assert not selectors.may_read_emotion(alice.pk)
    assert record(alice) is None


@pytest.mark.parametrize(("forget", "left"), [(False, 1), (True, 0)])
def test_stopping_keeps_or_deletes_what_was_read(alice: User, bob: User, forget: bool, left: int) -> None:
    record(alice), record(bob)
    services.record(person_id=alice.pk, kind="topic", payload={"topics": ["work"]}, source="chat")
    services.stop_reading_emotion(person_id=alice.pk, forget=forget)
    assert not selectors.may_read_emotion(alice.pk)
    assert Observation.objects.filter(person=alice, kind="emotion").count() == left
    assert Observation.objects.filter(person=alice, kind="topic").count() == 1
    assert Observation.objects.filter(person=bob).count() == 1


def test_putting_the_picture_away_and_back(alice: User, bob: User) -> None:
    for is_hidden in (True, False, True):
        services.hide_picture(person_id=alice.pk, is_hidden=is_hidden)
        assert selectors.is_picture_hidden(alice.pk) is is_hidden
    assert not selectors.is_picture_hidden(bob.pk)
    assert FeelingsPicture.objects.count() == 1
