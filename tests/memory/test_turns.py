"""Memory in a conversation: noticed with a yes only, told to the next reply, gone from it at once when deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import rights
from accounts import services as people
from accounts.models import Consent, User
from ml.llm.prompts import build_messages
from tests.memory.conftest import Listener
from therapy.chat import recalling
from therapy.chat import selectors as chat_selectors
from therapy.chat import services as chat
from therapy.chat.models import ChatSession, Message
from therapy.memory import selectors, services
from therapy.memory.models import Forgotten, Memory, SummedUp

# The lease keeper is a thread of its own: it must see the rows.
pytestmark = pytest.mark.django_db(transaction=True)
Say = Callable[[ChatSession, str], None]


def texts(person: User) -> list[str]:
    return [view.text for view in selectors.memories_of(person.pk)]


def prompt(listener: Listener) -> str:
    return build_messages(listener.requests[-1])[0]["content"]


def test_nothing_is_remembered_without_a_yes(alice: User, session: ChatSession, say: Say, listener: Listener) -> None:
    say(session, "I work night shifts. I lost my job last year.")
    recalling.sum_up_quiet(now=timezone.now() + timedelta(hours=1))
    assert not Memory.objects.exists()
    assert listener.requests[-1].memory == ()


def test_a_deleted_memory_is_gone_from_the_next_prompt(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    say(session, "I lost my job last month.")
    (memory,) = selectors.memories_of(willing.pk)
    assert (memory.kind, memory.origin, memory.session_id) == ("fact", "noticed", session.pk)
    other = chat.open_session(person_id=willing.pk)
    say(other, "What do you know about me?")
    assert any("lost my job" in line for line in listener.requests[-1].memory)
    assert "lost my job" in prompt(listener)
    services.delete_all(person_id=willing.pk)
    third = chat.open_session(person_id=willing.pk)
    say(third, "What do you know about me?")
    assert listener.requests[-1].memory == ()
    assert "lost my job" not in prompt(listener)


def test_the_companion_tells_what_it_knows_and_no_more_after_a_deletion(
    willing: User, session: ChatSession, say: Say
) -> None:
    def asked() -> str:
        other = chat.open_session(person_id=willing.pk)
        say(other, "What do you know about me?")
        return chat_selectors.messages_since(other, 0)[-1].text

    say(session, "I lost my job last month.")
    assert "I lost my job last month" in asked()
    (fact,) = selectors.memories_of(willing.pk, kind="fact")
    assert services.delete(person_id=willing.pk, memory_id=fact.id)
    assert texts(willing) == []
    assert "job" not in asked()


def test_one_deleted_thing_is_not_noticed_again_but_may_be_asked_for(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    say(session, "I work night shifts.")
    (memory,) = selectors.memories_of(willing.pk)
    services.delete(person_id=willing.pk, memory_id=memory.id)
    say(session, "As I said, it is hard. I work nights.")
    say(session, "I work night shifts!")
    assert texts(willing) == []
    say(session, "Please remember that I work night shifts.")
    assert texts(willing) == ["I work night shifts"]


def test_switching_off_hides_everything_at_once_and_on_brings_it_back(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    say(session, "I don't like breathing exercises.")
    services.switch(person_id=willing.pk, is_on=False)
    say(session, "And now?")
    assert listener.requests[-1].memory == ()
    say(session, "I have two kids.")
    services.switch(person_id=willing.pk, is_on=True)
    say(session, "And now?")
    assert listener.requests[-1].memory == ("“I don't like breathing exercises”",)


def test_a_message_of_danger_is_not_remembered(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    say(session, "I live alone. I have the pills here and I want to die tonight.")
    recalling.sum_up_quiet(now=timezone.now() + timedelta(hours=1))
    assert not Memory.objects.exists()


def test_what_is_said_later_takes_the_place_of_the_same_thing(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    for text in ("I live with my parents.", "I live alone now.", "I live alone now.", "I have a cat."):
        say(session, text)
    assert sorted(texts(willing)) == ["I have a cat", "I live alone now"]


def test_a_new_conversation_knows_what_the_last_was_about(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    say(session, "My boss is on my back at work all day and my manager too.")
    say(session, "I just want to get through one quiet week.")
    say(session, "I'll try to leave at six tomorrow.")
    other = chat.open_session(person_id=willing.pk)
    say(other, "Hello again.")
    (line,) = [line for line in listener.requests[-1].memory if "It was about" in line]
    assert "work" in line
    assert "“I just want to get through one quiet week”" in line
    assert "“I'll try to leave at six tomorrow”" in line


def test_nothing_is_summed_up_after_the_yes_to_talking_is_gone(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    say(session, "I want to sleep through one night.")
    people.decide_consent(person_id=willing.pk, purpose=Consent.Purpose.SERVICE, granted=False)
    assert recalling.sum_up_quiet(now=timezone.now() + timedelta(hours=1)) == 0


def test_a_summary_in_chinese(willing: User, session: ChatSession, say: Say, listener: Listener) -> None:
    say(session, "最近工作压力很大，老板天天加班。")
    say(session, "我只想好好睡一觉。")
    assert recalling.sum_up_quiet(now=timezone.now() + timedelta(hours=1)) == 1
    assert recalling.sum_up_quiet(now=timezone.now() + timedelta(hours=1)) == 0
    (view,) = selectors.memories_of(willing.pk, kind="summary")
    assert "我只想好好睡一觉" in view.text
    assert "工作" in view.text


def test_a_summary_grows_until_it_is_changed_or_deleted(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    later = timezone.now() + timedelta(hours=1)
    say(session, "I want to sleep through one night.")
    recalling.sum_up_quiet(now=later)
    say(session, "I'll try to read before bed.")
    recalling.sum_up_quiet(now=later)
    (view,) = selectors.memories_of(willing.pk, kind="summary")
    assert "read before bed" in view.text
    services.edit(person_id=willing.pk, memory_id=view.id, text="We spoke of sleep.")
    say(session, "I'll try to walk in the evening.")
    recalling.sum_up_quiet(now=later)
    assert [view.text for view in selectors.memories_of(willing.pk, kind="summary")] == ["We spoke of sleep."]
    services.delete(person_id=willing.pk, memory_id=view.id)
    say(session, "I'll try to get up at seven.")
    recalling.sum_up_quiet(now=later)
    assert selectors.memories_of(willing.pk, kind="summary") == []


def test_nothing_said_before_the_yes_or_before_deleting_all_is_summed_up(
    alice: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    later = timezone.now() + timedelta(hours=1)
    say(session, "I want to move to the sea.")
    services.switch(person_id=alice.pk, is_on=True)
    recalling.sum_up_quiet(now=later)
    assert not Memory.objects.exists()
    other = chat.open_session(person_id=alice.pk)
    say(other, "I want to learn to swim.")
    services.delete_all(person_id=alice.pk)
    recalling.sum_up_quiet(now=later)
    assert not Memory.objects.exists()


def test_what_goes_with_the_conversation_and_the_account(
    willing: User, session: ChatSession, say: Say, listener: Listener
) -> None:
    say(session, "I have two kids. I want to sleep better.")
    recalling.sum_up_quiet(now=timezone.now() + timedelta(hours=1))
    assert Memory.objects.count() == 2
    services.add(person_id=willing.pk, kind="preference", text="Short answers, please")
    session.delete()
    assert texts(willing) == ["Short answers, please"]
    assert rights.export_person(willing.pk)["memory"]["remembered"][0]["text"] == "Short answers, please"
    rights.erase_person(person_id=willing.pk)
    for model in (Memory, Forgotten, SummedUp, Message):
        assert not model.objects.exists()


def test_the_row_holds_no_words(willing: User, session: ChatSession, say: Say, listener: Listener) -> None:
    say(session, "I work night shifts.")
    row = Memory.objects.get()
    assert b"night" not in bytes(row.body_sealed)
    assert "night" not in str(row)
    services.delete(person_id=willing.pk, memory_id=row.pk)
    assert all("night" not in mark.digest for mark in Forgotten.objects.all())
