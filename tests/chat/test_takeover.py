"""A counsellor takes over and hands back: one owner at a time, no word of the assistant between, nobody left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from ml.types import HUMAN_CAME, HUMAN_LEFT
from tests.chat.test_turn import Speaker, speak_with
from therapy.chat import selectors, speakers, takeover, tasks, turn
from therapy.chat import services as chat
from therapy.chat.models import ChatSession, Message, Owner, Takeover, Turn
from therapy.chat.services import Posted
from therapy.core.errors import ApplicationError
from therapy.oncall import chain
from therapy.safety.models import Alert, RiskFlag

pytestmark = pytest.mark.django_db(transaction=True)
Post = Callable[..., Posted]


def words(session: ChatSession) -> list[tuple[str, str]]:
    return [(view.role, view.text) for view in selectors.messages_since(session, 0)]


def say(user: User, session: ChatSession, text: str) -> selectors.MessageView:
    return takeover.say(user=user, session_id=session.pk, client_id=uuid4(), text=text)


def test_taking_over_ends_every_reply_and_says_who_is_here(post: Post, session: ChatSession, carol: User) -> None:
    turn_id = post("hello").turn_id
    takeover.take_over(user=carol, session_id=session.pk)
    session.refresh_from_db()
    assert (session.owner, session.epoch) == (Owner.COUNSELLOR, 1)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.SUPERSEDED
    role, text = words(session)[-1]
    assert role == "system"
    assert "carol (counsellor)" in text
    speaker = speakers.speaker_of(session, timezone.now())
    assert (speaker.owner, speaker.name, speaker.role, speaker.is_here) == ("counsellor", "carol", "counsellor", True)


def test_a_reply_in_mid_sentence_is_never_written(
    post: Post, session: ChatSession, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_id = post("hello").turn_id
    assert turn_id
    speak_with(
        monkeypatch,
        Speaker("I hear you. ", then=lambda: takeover.take_over(user=carol, session_id=session.pk) and None),
    )
    turn.run(turn_id)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.SUPERSEDED
    assert [role for role, _ in words(session)] == ["system", "user", "system"]


def test_the_assistant_owes_nothing_while_a_human_speaks(post: Post, session: ChatSession, carol: User) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    assert post("are you a human?").turn_id is None
    assert not Turn.objects.exists()


def test_words_of_a_counsellor_are_sealed_and_named(session: ChatSession, carol: User) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    view = say(carol, session, "I am here with you, quincecanary.")
    row = Message.objects.get(pk=view.id)
    assert row.role == Message.Role.COUNSELLOR
    assert b"quincecanary" not in bytes(row.body_sealed)
    assert (view.author_name, view.author_role) == ("carol", "counsellor")


def test_a_repeated_message_of_a_counsellor_is_written_once(session: ChatSession, carol: User) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    client_id = uuid4()
    for _ in range(2):
        takeover.say(user=carol, session_id=session.pk, client_id=client_id, text="hello")
    assert session.messages.filter(role="counsellor").count() == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_a_counsellor_cannot_send_nothing_or_too_much(session: ChatSession, carol: User, text: str) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    with pytest.raises(ApplicationError):
        say(carol, session, text)


def test_only_the_one_who_took_over_may_write_and_hand_back(session: ChatSession, carol: User, dan: User) -> None:
    with pytest.raises(ApplicationError, match="not_yours|"):
        say(carol, session, "hello")
    takeover.take_over(user=carol, session_id=session.pk)
    for attempt in (
        lambda: say(dan, session, "hello"),
        lambda: takeover.hand_back(user=dan, session_id=session.pk),
        lambda: takeover.take_over(user=dan, session_id=session.pk),
    ):
        with pytest.raises(ApplicationError) as refused:
            attempt()
        assert refused.value.code in ("not_yours", "taken")
    assert [role for role, _ in words(session)] == ["system", "system"]


def test_clients_cannot_take_over(session: ChatSession, alice: User, bob: User) -> None:
    for user in (alice, bob):
        with pytest.raises(ApplicationError) as refused:
            takeover.take_over(user=user, session_id=session.pk)
        assert refused.value.code == "forbidden"


def test_taking_over_twice_changes_nothing(session: ChatSession, carol: User) -> None:
    first = takeover.take_over(user=carol, session_id=session.pk)
    assert takeover.take_over(user=carol, session_id=session.pk).pk == first.pk
    session.refresh_from_db()
    assert session.epoch == 1


def test_a_supervisor_may_relieve_a_colleague(session: ChatSession, carol: User, grace: User) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    takeover.take_over(user=grace, session_id=session.pk)
    with pytest.raises(ApplicationError):
        say(carol, session, "still me?")
    say(grace, session, "hello, I am Grace")
    assert Takeover.objects.get(counsellor=carol).ending == Takeover.Ending.PASSED_ON
    assert Takeover.objects.get(counsellor=grace).ended_at is None


def test_after_the_hand_back_the_assistant_answers_and_knows(
    post: Post, session: ChatSession, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    post("my sister is coming")
    say(carol, session, "good, stay with her tonight")
    assert takeover.hand_back(user=carol, session_id=session.pk) is None
    session.refresh_from_db()
    assert (session.owner, session.epoch) == (Owner.ASSISTANT, 2)
    assert "carol (counsellor) has left" in words(session)[-1][1]
    speaker = speak_with(monkeypatch, Speaker("I am glad your sister is coming."))
    turn_id = post("she is here now").turn_id
    assert turn_id
    turn.run(turn_id)
    marks = [entry.text for entry in speaker.requests[0].turns if entry.role == "system"]
    assert marks == [HUMAN_CAME, HUMAN_LEFT]
    assert words(session)[-1] == ("assistant", "I am glad your sister is coming.")


def test_who_wrote_last_and_was_not_answered_is_answered(post: Post, session: ChatSession, carol: User) -> None:
    posted = post("hello")
    takeover.take_over(user=carol, session_id=session.pk)
    owed = takeover.hand_back(user=carol, session_id=session.pk)
    assert owed == posted.turn_id
    turn.run(owed)
    assert words(session)[-1][0] == "assistant"


def test_danger_is_seen_while_a_human_speaks(post: Post, session: ChatSession, carol: User) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    post("I am going to kill myself tonight, I have the pills here")
    assert RiskFlag.objects.filter(session=session).exists()
    assert Alert.objects.filter(session=session, acknowledged_at__isnull=True).exists()


def test_taking_over_takes_the_alerts(post: Post, session: ChatSession, carol: User) -> None:
    post("I am going to kill myself tonight, I have the pills here")
    takeover.take_over(user=carol, session_id=session.pk)
    alert = Alert.objects.get(session=session)
    assert alert.acknowledged_by == carol
    assert alert.resolved_at is None


def test_a_lost_counsellor_is_relieved_and_the_team_hears_of_it(
    post: Post, session: ChatSession, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(tasks.run_turn, "delay", asked.append)
    stretch = takeover.take_over(user=carol, session_id=session.pk)
    posted = post("are you still there?")
    assert takeover.hand_back_lost(now=timezone.now() + timedelta(seconds=170)) == []
    Takeover.objects.update(seen_at=timezone.now() - timedelta(seconds=181))
    tasks.sweep_turns()
    session.refresh_from_db()
    assert session.owner == Owner.ASSISTANT
    stretch.refresh_from_db()
    assert stretch.ending == Takeover.Ending.LOST
    assert "carol (counsellor) was lost" in words(session)[-1][1]
    assert asked == [str(Turn.objects.get(message_id=posted.message.id).pk)]
    assert Alert.objects.get(session=session).kind == "request_human"


def test_the_alert_of_a_lost_counsellor_is_open_to_all_again(post: Post, session: ChatSession, carol: User) -> None:
    post("I am going to kill myself tonight, I have the pills here")
    takeover.take_over(user=carol, session_id=session.pk)
    alert = Alert.objects.get(session=session, kind="plan")
    Takeover.objects.update(seen_at=timezone.now() - timedelta(seconds=181))
    now = timezone.now()
    takeover.hand_back_lost(now=now)
    assert alert.pk in chain.due(now, 10)
    chain.move(alert.pk, now)
    alert.refresh_from_db()
    assert alert.acknowledged_by is None


def test_who_writes_to_a_lost_counsellor_is_answered_without_the_sweep(
    post: Post, session: ChatSession, carol: User
) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    Takeover.objects.update(seen_at=timezone.now() - timedelta(seconds=181))
    turn_id = post("are you still there?").turn_id
    assert turn_id
    turn.run(turn_id)
    assert words(session)[-1][0] == "assistant"


def test_a_page_that_is_open_keeps_the_conversation(session: ChatSession, carol: User, dan: User) -> None:
    takeover.take_over(user=carol, session_id=session.pk)
    later = timezone.now() + timedelta(hours=2)
    assert takeover.keep_alive(user=carol, session_id=session.pk, now=later)
    assert not takeover.keep_alive(user=dan, session_id=session.pk, now=later)
    assert takeover.hand_back_lost(now=later + timedelta(seconds=179)) == []
    with pytest.raises(ApplicationError):
        takeover.take_over(user=dan, session_id=session.pk, now=later)
    assert takeover.take_over(user=dan, session_id=session.pk, now=later + timedelta(seconds=181))


def test_the_plan_notice_waits_while_a_human_speaks(post: Post, session: ChatSession, carol: User) -> None:
    turn_id = post("hello").turn_id
    assert turn_id
    claim = turn.leases.claim(turn_id)
    assert claim
    takeover.take_over(user=carol, session_id=session.pk)
    with turn.transaction.atomic():
        assert not turn.leases.still_speaks(claim)


def test_the_notice_speaks_the_language_of_the_person(make_person: Callable[..., User], carol: User) -> None:
    person = make_person("mei", language="zh-hans")
    session = chat.open_session(person_id=person.pk)
    takeover.take_over(user=carol, session_id=session.pk)
    assert "carol（咨询师）" in words(session)[-1][1]
