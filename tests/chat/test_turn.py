"""The turn from claim to reply: written once, by the attempt that holds it, with everything that made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import services as people
from accounts.models import Consent, User
from ml.types import EngineInfo, EngineUnavailable, ReplyChunk, ReplyRequest, RiskLevel
from therapy.chat import leases, recovery, selectors, turn
from therapy.chat.models import ChatSession, Owner, Turn
from therapy.chat.services import Posted
from therapy.core import engines
from therapy.observations.models import Observation
from therapy.plans.models import Plan
from therapy.safety import person_risk
from therapy.safety import services as safety

# The lease keeper is a thread of its own: it must see the rows.
pytestmark = pytest.mark.django_db(transaction=True)

Post = Callable[..., Posted]
DANGER = "I have the pills in my hand and I am going to kill myself tonight"


class Speaker:
    """An engine that says what it is told to; used where the test is about the turn, not about replies."""

    def __init__(self, *texts: str, then: Callable[[], None] | None = None) -> None:
        self.texts, self.then = texts, then
        self.requests: list[ReplyRequest] = []

    def info(self) -> EngineInfo:
        return EngineInfo(engine="speaker", model="test")

    def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
        self.requests.append(request)
        for text in self.texts:
            if is_cancelled():
                yield ReplyChunk("", finish="cancelled")
                return
            yield ReplyChunk(text)
        if self.then:
            self.then()
        yield ReplyChunk("", finish="stop")

    def close(self) -> None:
        return None


def speak_with(monkeypatch: pytest.MonkeyPatch, speaker: Speaker) -> Speaker:
    monkeypatch.setattr(engines, "language_model", lambda: speaker)
    return speaker


def newest(session: ChatSession) -> selectors.MessageView:
    return selectors.messages_since(session, 0)[-1]


def test_the_companion_answers_and_says_what_made_the_reply(post: Post, session: ChatSession) -> None:
    turn_id = post("I am so worried about my exam tomorrow, I can not sleep").turn_id
    assert turn_id
    turn.run(turn_id)
    reply, row = newest(session), Turn.objects.get(pk=turn_id)
    assert row.status == Turn.Status.COMPLETED
    assert row.reply_id == reply.id
    assert reply.role == "assistant"
    assert len(reply.text) > 20
    assert {
        "engine",
        "model",
        "prompt_version",
        "emotion_version",
        "risk_version",
        "first_token_ms",
        "total_ms",
    } <= set(reply.provenance)
    assert "exam" not in str(reply.provenance["entries"])
    # What was read of the person is kept sealed, in observations alone.
    assert not {"topics", "emotion", "emotion_scores"} & set(reply.provenance)


def test_a_question_of_fact_is_answered_with_its_source_in_sight_and_kept(post: Post, session: ChatSession) -> None:
    turn.run(post("does caffeine affect sleep?").turn_id)
    reply = newest(session)
    assert "Source: “Sleep hygiene" in reply.text
    assert reply.provenance["sources"] == ["article:art-sleep-hygiene"]


def test_a_language_model_is_given_passages_and_what_it_names_is_kept(
    post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = speak_with(monkeypatch, Speaker("It does, as “Sleep hygiene: useful habits and their limits” says."))
    turn.run(post("does caffeine affect sleep?").turn_id)
    assert speaker.requests[0].passages[0].id == "article:art-sleep-hygiene"
    assert newest(session).provenance["sources"] == ["article:art-sleep-hygiene"]


def test_where_reviews_are_required_nothing_unread_is_quoted(post: Post, session: ChatSession, settings: Any) -> None:
    settings.LIBRARY_REQUIRES_REVIEW = True
    turn.run(post("does caffeine affect sleep?").turn_id)
    assert newest(session).provenance["sources"] == []
    assert "Caffeine lasts" not in newest(session).text


def test_the_reply_follows_the_language_of_the_message(post: Post, session: ChatSession) -> None:
    turn_id = post("我最近压力很大，晚上总是睡不好").turn_id
    assert turn_id
    turn.run(turn_id)
    assert any("\u4e00" <= character <= "\u9fff" for character in newest(session).text)


def test_a_turn_is_answered_once_whoever_asks(post: Post, session: ChatSession) -> None:
    turn_id = post("hello").turn_id
    assert turn_id
    turn.run(turn_id)
    turn.run(turn_id)
    assert session.messages.filter(role="assistant").count() == 1


def test_emotion_is_read_only_with_consent(post: Post, alice: User) -> None:
    people.decide_consent(person_id=alice.pk, purpose=Consent.Purpose.EMOTION_READING, granted=False)
    turn_id = post("I am so sad today").turn_id
    assert turn_id
    turn.run(turn_id)
    assert not Observation.objects.filter(kind="emotion").exists()


def test_emotion_is_kept_sealed_with_consent(post: Post) -> None:
    turn_id = post("I am so sad today").turn_id
    assert turn_id
    turn.run(turn_id)
    row = Observation.objects.get(kind="emotion")
    assert b"sad" not in bytes(row.payload_sealed)


def test_an_attempt_that_lost_its_turn_writes_nothing(
    post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_id = post("hello").turn_id
    speak_with(monkeypatch, Speaker("Hello there. ", then=lambda: Turn.objects.update(attempt=9) and None))
    assert turn_id
    turn.run(turn_id)
    assert not session.messages.filter(role="assistant").exists()


def test_no_bot_text_after_take_over(post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch) -> None:
    turn_id = post("hello").turn_id

    def take_over() -> None:
        ChatSession.objects.filter(pk=session.pk).update(owner=Owner.COUNSELLOR, epoch=1)

    speak_with(monkeypatch, Speaker("Hello there. ", then=take_over))
    assert turn_id
    turn.run(turn_id)
    assert not session.messages.filter(role="assistant").exists()
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.SUPERSEDED


def test_stop_keeps_what_was_said(post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch) -> None:
    turn_id = post("hello").turn_id
    speak_with(
        monkeypatch, Speaker("That sounds hard. ", then=lambda: Turn.objects.update(stop_requested=True) and None)
    )
    assert turn_id
    turn.run(turn_id)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.STOPPED
    assert newest(session).text.startswith("That sounds hard.")


def test_whoever_took_their_yes_back_is_not_read_for_a_reply(
    post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_id = post("hello").turn_id
    assert turn_id
    people.decide_consent(person_id=session.person_id, purpose=Consent.Purpose.SERVICE, granted=False)
    speaker = speak_with(monkeypatch, Speaker("Hi."))
    turn.run(turn_id)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.STOPPED
    assert speaker.requests == []


def test_danger_cuts_a_reply_short_and_is_answered_next(
    post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Posted] = []
    speak_with(monkeypatch, Speaker("What a lovely day. ", then=lambda: written.append(post(DANGER))))
    turn_id = post("hello").turn_id
    assert turn_id
    assert turn.run(turn_id) == written[0].turn_id, "the answer to the danger comes at once"
    first = Turn.objects.get(pk=turn_id)
    assert first.status == Turn.Status.STOPPED
    assert first.reply
    assert newest(session).text == "What a lovely day."
    assert written[0].turn_id
    turn.run(written[0].turn_id)
    assert newest(session).provenance["engine"] == "companion"
    assert Turn.objects.get(pk=written[0].turn_id).status == Turn.Status.COMPLETED


def test_what_an_answer_raises_is_answered_on_the_constrained_path(
    post: Post, session: ChatSession, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = speak_with(monkeypatch, Speaker("I am a wild model. "))
    posted = post("About the same as yesterday.")
    safety.raise_from_answers(
        person_id=alice.pk,
        session_id=session.pk,
        message_id=posted.message.id,
        source="check_in.1",
        level=RiskLevel.HIGH,
        kind="plan",
    )
    assert posted.turn_id
    turn.run(posted.turn_id)
    reply = newest(session)
    assert (reply.provenance["engine"], reply.provenance["risk"]) == ("companion", RiskLevel.HIGH)
    assert not speaker.requests


def test_an_engine_that_is_away_is_replaced_by_the_companion(
    post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(Speaker):
        def stream(self, request: ReplyRequest, is_cancelled: Callable[[], bool]) -> Iterator[ReplyChunk]:
            raise EngineUnavailable("no server")

    speak_with(monkeypatch, Away())
    turn_id = post("I feel lonely since I moved").turn_id
    assert turn_id
    turn.run(turn_id)
    assert newest(session).provenance["engine"] == "companion"


@pytest.mark.parametrize("words", [("That sounds hard. ", "And it is"), ()], ids=["in mid-reply", "without a word"])
def test_an_engine_that_dies_is_not_asked_again_for_this_reply(
    post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def die() -> None:
        if words:
            raise EngineUnavailable("gone")

    speaker = speak_with(monkeypatch, Speaker(*words, then=die))
    turn_id = post("I feel lonely since I moved").turn_id
    assert turn_id
    assert turn.run(turn_id) == turn_id, "given back, and asked for again at once"
    turn.run(turn_id)
    row, reply = Turn.objects.get(pk=turn_id), newest(session)
    assert (row.status, row.attempt) == (Turn.Status.COMPLETED, 2)
    assert reply.provenance["engine"] == "companion"
    assert not reply.text.startswith("That sounds hard. And it is")
    assert len(speaker.requests) == 1


def test_an_engine_that_cannot_be_built_is_replaced_by_the_companion(
    post: Post, session: ChatSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_BACKEND", "nonsense")
    engines.close()
    monkeypatch.setitem(engines._pause, "until", float("-inf"))
    turn_id = post("I feel lonely since I moved").turn_id
    assert turn_id
    turn.run(turn_id)
    assert newest(session).provenance["engine"] == "companion"
    assert Turn.objects.get(pk=turn_id).attempt == 1
    with pytest.raises(EngineUnavailable, match="a moment ago"):
        engines.language_model()


def test_a_failing_attempt_gives_the_turn_back_and_the_last_one_fails_it(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode() -> None:
        raise ValueError("canaryword")

    speak_with(monkeypatch, Speaker("x", then=explode))
    turn_id = post("hello").turn_id
    assert turn_id
    turn.run(turn_id)
    row = Turn.objects.get(pk=turn_id)
    assert (row.status, row.attempt, row.error) == (Turn.Status.QUEUED, 1, "ValueError")
    for _attempt in range(3):
        turn.run(turn_id)
    assert Turn.objects.get(pk=turn_id).status == Turn.Status.FAILED


def test_only_the_constrained_path_speaks_at_high_risk(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = speak_with(monkeypatch, Speaker("I am a wild model. "))
    turn_id = post("I have the pills in my hand and I am going to kill myself tonight").turn_id
    assert turn_id
    turn.run(turn_id)
    reply = Turn.objects.get(pk=turn_id).reply
    assert reply is not None
    assert reply.provenance["engine"] == "companion"
    assert not speaker.requests


def test_the_prompt_holds_the_conversation_and_nobody_elses(
    post: Post, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = speak_with(monkeypatch, Speaker("Thank you for telling me. "))
    people.update_profile(person_id=bob.pk, words={"name": "Bobbert"})
    turn_id = post("my dog died").turn_id
    assert turn_id
    turn.run(turn_id)
    assert [item.text for item in speaker.requests[0].turns] == ["my dog died"]
    assert "Bobbert" not in repr(speaker.requests[0])


def test_a_second_reply_waits_for_the_first(post: Post, session: ChatSession) -> None:
    first = post("hello").turn_id
    assert first
    held = leases.claim(first)
    assert held
    second = post("and another thing").turn_id
    assert second
    assert leases.claim(second) is None
    Turn.objects.filter(pk=first).update(status=Turn.Status.COMPLETED)
    assert leases.claim(second)


def test_an_expired_lease_is_found_and_taken_over(post: Post) -> None:
    turn_id = post("hello").turn_id
    assert turn_id
    first = leases.claim(turn_id)
    assert first
    assert recovery.claim_due() == []
    long_ago = timezone.now() - timedelta(seconds=30)
    Turn.objects.filter(pk=turn_id).update(lease_until=long_ago, dispatched_at=long_ago)
    assert recovery.claim_due() == [turn_id]
    second = leases.claim(turn_id)
    assert second
    assert second.attempt == first.attempt + 1
    leases.renew(first)
    assert first.reason == "lost"


def test_a_turn_that_was_never_dispatched_is_found(post: Post) -> None:
    turn_id = post("hello").turn_id
    assert recovery.claim_due() == []
    Turn.objects.filter(pk=turn_id).update(queued_at=timezone.now() - timedelta(seconds=5))
    assert recovery.claim_due() == [turn_id]
    assert recovery.claim_due() == []


def test_a_stop_is_noticed_by_the_heartbeat(post: Post) -> None:
    turn_id = post("hello").turn_id
    assert turn_id
    held = leases.claim(turn_id)
    assert held
    Turn.objects.filter(pk=turn_id).update(stop_requested=True)
    leases.renew(held)
    assert held.cancelled.is_set()
    assert held.reason == "stopped"


def test_no_plan_is_offered_in_danger(
    post: Post, session: ChatSession, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak_with(monkeypatch, Speaker("I hear you."))
    for text in (
        "My exam is on Monday",
        "I cannot sleep",
        "I am going to kill myself tonight, the pills are in my hand",
    ):
        turn_id = post(text).turn_id
        assert turn_id
        turn.run(turn_id)
    assert not Plan.objects.exists()
    calmer = post("Thank you. What could I do about sleep?").turn_id
    assert calmer
    with transaction.atomic():
        person_risk.lower(alice.pk, RiskLevel.LOW)
    turn.run(calmer)
    assert Plan.objects.filter(person_id=alice.pk).exists()
    assert newest(session).provenance["notice"] == "plan"
