"""That this is an AI is said again: every three hours, every hour for minors, after a week; never into danger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from therapy.chat import reminders, services
from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import messages_since

Write = Callable[[str], list[str]]


@pytest.fixture
def session(alice: User) -> ChatSession:
    return services.open_session(person_id=alice.pk)


@pytest.fixture
def write(session: ChatSession) -> Write:
    """Post a message and return the notices that came with it."""

    def post(text: str) -> list[str]:
        before = ChatSession.objects.get(pk=session.pk).last_seq
        services.post_message(person_id=session.person_id, session_id=session.pk, client_id=uuid4(), text=text)
        return [view.text for view in messages_since(session, before) if view.role == Message.Role.SYSTEM]

    return post


def age(session: ChatSession, **passed: float) -> None:
    """Let everything said so far lie back in time."""
    for message in session.messages.all():
        Message.objects.filter(pk=message.pk).update(created_at=message.created_at - timedelta(**passed))


def test_nothing_within_three_hours(session: ChatSession, write: Write) -> None:
    age(session, hours=2, minutes=59)
    assert write("hello again") == []


def test_every_three_hours_of_continued_use(session: ChatSession, write: Write) -> None:
    age(session, hours=3)
    (text,) = write("still here")
    for words in ("computer program", "not a human", "cannot feel human emotion"):
        assert words in text
    assert write("and on") == []
    age(session, hours=3)
    assert len(write("and on")) == 1


def test_after_a_week_away_it_is_said_in_other_words(session: ChatSession, write: Write) -> None:
    age(session, days=7)
    (text,) = write("I am back")
    assert "You are back after a while" in text


def test_every_hour_where_minors_may_use_it(session: ChatSession, write: Write, settings: LazySettings) -> None:
    settings.MINIMUM_AGE = 14
    age(session, hours=1)
    assert len(write("hello")) == 1


def test_danger_is_not_interrupted_and_the_next_message_brings_it(session: ChatSession, write: Write) -> None:
    age(session, hours=4)
    assert write("I don't want to live anymore, I have the pills next to me") == []
    assert len(write("what film would you watch on a rainy evening?")) == 1


def test_told_in_one_conversation_counts_in_all(session: ChatSession, write: Write, bob: User) -> None:
    age(session, days=8)
    other = services.open_session(person_id=session.person_id)
    assert write("the old conversation") == []
    assert reminders.last_disclosure(other.person_id) is not None
    assert reminders.last_disclosure(bob.pk) is None


def test_it_speaks_the_persons_language(make_person: Callable[..., User]) -> None:
    person = make_person("zh-person", language="zh-hans")
    session = services.open_session(person_id=person.pk)
    message = session.messages.get()
    written = reminders.remind_if_due(session, message, now=timezone.now() + timedelta(hours=3))
    assert written
    view = messages_since(session, message.seq)[0]
    assert "计算机程序" in view.text
    assert "不是真人" in view.text
