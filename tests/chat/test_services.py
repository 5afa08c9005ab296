"""Writing messages: numbering, repeats, limits, screening in the same transaction, and nothing readable at rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import User
from ml.types import RiskLevel
from therapy.chat import leases, selectors, services, tasks
from therapy.chat.models import ChatSession, Message, Owner, Turn
from therapy.chat.services import Posted
from therapy.core.errors import ApplicationError
from therapy.safety import person_risk
from therapy.safety import selectors as safety
from therapy.safety.models import Alert, RiskFlag

Post = Callable[..., Posted]
DANGER = "I have the pills in my hand and I am going to kill myself tonight"


def test_a_session_begins_by_saying_it_is_an_ai(session: ChatSession) -> None:
    first = selectors.messages_since(session, 0)[0]
    assert first.role == "system"
    assert "I am an AI" in first.text


def test_numbers_are_contiguous(post: Post, session: ChatSession) -> None:
    for word in ("one", "two", "three"):
        post(word)
    assert list(session.messages.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_the_same_client_id_is_written_once(post: Post, session: ChatSession) -> None:
    client_id = uuid4()
    first, second = post("hello", client_id), post("hello", client_id)
    assert second.is_repeat
    assert first.message.id == second.message.id
    assert session.messages.filter(role="user").count() == 1
    assert Turn.objects.count() == 1


def test_nobody_else_can_write_into_a_session(bob: User, session: ChatSession) -> None:
    with pytest.raises(ApplicationError) as caught:
        services.post_message(person_id=bob.pk, session_id=session.pk, client_id=uuid4(), text="hi")
    assert caught.value.code == "not_found"


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x01\x02\x7f"])
def test_nothing_to_say_is_refused_kindly(post: Post, text: str) -> None:
    with pytest.raises(ApplicationError) as caught:
        post(text)
    assert caught.value.code == "empty"


def test_a_text_over_the_limit_is_refused(post: Post) -> None:
    with pytest.raises(ApplicationError) as caught:
        post("a" * 100_000)
    assert caught.value.code == "too_long"


@pytest.mark.parametrize(
    "text",
    [
        "😭😭😭",
        "مرحبا كيف حالك",
        "\u202eolleh\u202c",
        "<script>alert(1)</script>",
        "a\x00b",
        "\ud800 broken",
        "👨‍👩‍👧‍👦" * 50,
    ],
)
def test_odd_texts_come_back_as_they_were(post: Post, text: str) -> None:
    assert post(text).message.text == services.clean(text)


def test_half_an_emoji_breaks_no_page(post: Post, session: ChatSession, alice: User, client: Client) -> None:
    assert post("well \ud83d then \ud83d\ude00").message.text == "well \ufffd then 😀"
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in ("/chat/", f"/chat/{session.pk}/"):
        assert "well \ufffd then 😀" in client.get(address).content.decode()


def test_the_database_holds_no_readable_word(post: Post, session: ChatSession) -> None:
    post("xylophonecanary")
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM chat_message m UNION ALL SELECT t::text FROM chat_turn t")
        rows = "".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT body_sealed FROM chat_message")
        rows += "".join(bytes(row[0]).decode("latin-1") for row in cursor.fetchall())
    assert "xylophonecanary" not in rows


def test_a_later_message_answers_for_those_still_waiting(post: Post) -> None:
    first, second = post("hello"), post("are you there")
    assert Turn.objects.get(pk=first.turn_id).status == Turn.Status.SUPERSEDED
    assert Turn.objects.get(pk=second.turn_id).status == Turn.Status.QUEUED


@pytest.mark.parametrize(("text", "is_stopped"), [(DANGER, True), ("and another thing", False)])
def test_danger_does_not_wait_for_a_reply_to_end(post: Post, text: str, is_stopped: bool) -> None:
    running = post("hello").turn_id
    assert running
    assert leases.claim(running)
    posted = post(text)
    row = Turn.objects.get(pk=running)
    assert (row.status, row.stop_requested) == (Turn.Status.RUNNING, is_stopped)
    answer = Turn.objects.get(pk=posted.turn_id)
    assert (answer.status, answer.stop_requested) == (Turn.Status.QUEUED, False)


def test_a_reply_about_the_same_danger_may_finish(post: Post) -> None:
    running = post(DANGER).turn_id
    assert running
    assert leases.claim(running)
    post(DANGER)
    assert not Turn.objects.get(pk=running).stop_requested


def test_danger_in_one_conversation_leaves_the_others_alone(post: Post, bob: User) -> None:
    his = services.open_session(person_id=bob.pk)
    other = services.post_message(person_id=bob.pk, session_id=his.pk, client_id=uuid4(), text="hello").turn_id
    assert other
    assert leases.claim(other)
    post(DANGER)
    assert not Turn.objects.get(pk=other).stop_requested


def test_no_reply_is_owed_while_a_counsellor_speaks(post: Post, session: ChatSession) -> None:
    ChatSession.objects.filter(pk=session.pk).update(owner=Owner.COUNSELLOR)
    assert post("hello").turn_id is None


def test_danger_raises_flag_and_alert_with_the_message(post: Post) -> None:
    posted = post(DANGER)
    assert posted.level >= RiskLevel.HIGH
    assert RiskFlag.objects.get().message_id == posted.message.id
    assert Alert.objects.count() == 1


def test_yesterday_is_in_the_level_and_not_in_todays_words(post: Post, session: ChatSession, alice: User) -> None:
    post("I have the pills next to me and I will take them tonight")
    assert [turn.text for turn in selectors.recent_turns(session)][-1].startswith("I have the pills")
    for message in session.messages.all():
        Message.objects.filter(pk=message.pk).update(created_at=message.created_at - timedelta(hours=13))
    assert selectors.recent_turns(session) == ()
    post("good morning, I slept")
    assert Message.objects.filter(session=session, role=Message.Role.USER).latest("seq").risk_level < RiskLevel.MODERATE
    assert safety.effective_level(alice.pk) >= RiskLevel.MODERATE


def test_flag_and_message_are_one_transaction(
    post: Post, monkeypatch: pytest.MonkeyPatch, session: ChatSession
) -> None:
    def refuse(**kwargs: object) -> None:
        raise RuntimeError("turn not written")

    monkeypatch.setattr(Turn.objects, "create", refuse)
    with pytest.raises(RuntimeError):
        post(DANGER)
    assert not RiskFlag.objects.exists()
    assert not session.messages.filter(role=Message.Role.USER).exists()


def test_too_many_messages_are_slowed_but_danger_is_not(post: Post, settings: Any) -> None:
    settings.CHAT_MESSAGES_PER_MINUTE = 2
    post("one")
    post("two")
    with pytest.raises(ApplicationError) as caught:
        post("three")
    assert caught.value.code == "rate_limited"
    assert post(DANGER).level >= RiskLevel.HIGH


def test_who_is_in_danger_is_not_slowed_whatever_the_words(post: Post, alice: User, settings: Any) -> None:
    settings.CHAT_MESSAGES_PER_MINUTE = 1
    person_risk.advance(alice.pk, RiskLevel.HIGH)
    posted = [post(word) for word in ("yes", "now")]
    assert all(one.turn_id and one.level < RiskLevel.MODERATE for one in posted)


def test_how_somebody_is_is_looked_up_only_at_the_limit(post: Post, settings: Any, monkeypatch: Any) -> None:
    settings.CHAT_MESSAGES_PER_MINUTE = 2
    asked: list[object] = []
    monkeypatch.setattr(safety, "effective_level", lambda person_id: asked.append(person_id) or RiskLevel.LOW)
    post("one")
    post("two")
    assert asked == []
    with pytest.raises(ApplicationError):
        post("three")
    assert len(asked) == 1


def test_a_dead_broker_leaves_the_turn_for_the_sweep(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.run_turn, "delay", refuse)
    posted = post("hello")
    assert posted.turn_id
    assert services.dispatch_turn(turn_id=posted.turn_id) is False
    assert Turn.objects.get(pk=posted.turn_id).dispatched_at is None


def test_task_arguments_are_ids(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: sent.extend(args))
    posted = post("hello")
    assert posted.turn_id
    services.dispatch_turn(turn_id=posted.turn_id)
    assert sent == [str(posted.turn_id)]


def test_stop_ends_a_waiting_turn_and_retry_brings_it_back(
    post: Post, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: None)
    turn_id = post("hello").turn_id
    assert turn_id
    services.stop_turn(person_id=alice.pk, turn_id=turn_id)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.STOPPED
    assert services.retry_turn(person_id=alice.pk, turn_id=turn_id)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.QUEUED


def test_bob_cannot_stop_alices_turn(post: Post, bob: User) -> None:
    turn_id = post("hello").turn_id
    assert turn_id
    services.stop_turn(person_id=bob.pk, turn_id=turn_id)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.QUEUED


def test_a_chinese_message_turns_the_session_chinese(post: Post, session: ChatSession) -> None:
    post("最近总是睡不着，心里很乱")
    session.refresh_from_db()
    assert session.language == "zh"


def test_those_who_wait_are_told_their_place(post: Post, bob: User) -> None:
    post("hello")
    his = services.open_session(person_id=bob.pk)
    second = services.post_message(person_id=bob.pk, session_id=his.pk, client_id=uuid4(), text="hello")
    view = selectors.view_turn(Turn.objects.get(pk=second.turn_id), timezone.now())
    assert view.place == 2
    assert view.eta >= 1
