"""Many writers at once, each with its own connection: contiguous numbers, nothing twice, one worker per turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from therapy.chat import leases, recovery, services, turn
from therapy.chat.models import ChatSession, Turn
from therapy.chat.services import Posted

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
T = TypeVar("T")


@pytest.fixture
def session(transactional_db: None, alice: User, settings: Any) -> ChatSession:
    settings.CHAT_MESSAGES_PER_MINUTE = 1000
    return services.open_session(person_id=alice.pk)


def at_once(work: Callable[[int], T]) -> list[T]:
    """`work` in eight threads that begin together."""
    barrier = threading.Barrier(THREADS)

    def begin(number: int) -> T:
        barrier.wait(timeout=10)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def numbers(session: ChatSession) -> list[int]:
    return list(session.messages.order_by("seq").values_list("seq", flat=True))


def test_eight_tabs_that_repeat_each_other_write_each_message_once(session: ChatSession) -> None:
    client_ids = [[uuid4() for _ in range(4)] for _ in range(THREADS // 2)]

    def post(number: int) -> list[Posted]:
        mine = client_ids[number // 2]
        return [
            services.post_message(
                person_id=session.person_id, session_id=session.pk, client_id=client_id, text=f"message {client_id}"
            )
            for client_id in mine
        ]

    posted = [one for several in at_once(post) for one in several]
    sent = [client_id for several in client_ids for client_id in several]
    assert numbers(session) == list(range(1, len(sent) + 2))
    assert sorted(session.messages.filter(role="user").values_list("client_id", flat=True)) == sorted(sent)
    assert sum(not one.is_repeat for one in posted) == len(sent)
    assert {one.message.text for one in posted} == {f"message {client_id}" for client_id in sent}
    # One reply answers all that was written before it began.
    assert Turn.objects.filter(session=session, status=Turn.Status.QUEUED).count() == 1


def queued(session: ChatSession, text: str = "hello") -> UUID:
    posted = services.post_message(person_id=session.person_id, session_id=session.pk, client_id=uuid4(), text=text)
    assert posted.turn_id
    return posted.turn_id


def test_of_eight_workers_one_gets_the_turn(session: ChatSession) -> None:
    turn_id = queued(session)
    claims = [claim for claim in at_once(lambda number: leases.claim(turn_id)) if claim]
    assert [claim.attempt for claim in claims] == [1]


def test_of_eight_sweeps_one_finds_the_lost_turn(session: ChatSession) -> None:
    turn_id = queued(session)
    Turn.objects.filter(pk=turn_id).update(queued_at=timezone.now() - timedelta(minutes=1))
    assert sum((due for due in at_once(lambda number: recovery.claim_due())), []) == [turn_id]


def test_writing_while_replies_are_written(session: ChatSession) -> None:
    first = queued(session)

    def work(number: int) -> UUID | None:
        return turn.run(first) if number == 0 else queued(session, f"thought {number}")

    at_once(work)
    # As the task does: the one that ends names the next, until nothing waits.
    waiting = Turn.objects.filter(session=session, status=Turn.Status.QUEUED).values_list("pk", flat=True).first()
    while waiting:
        waiting = turn.run(waiting)
    assert not Turn.objects.filter(session=session, status__in=Turn.OPEN).exists()
    completed = Turn.objects.filter(session=session, status=Turn.Status.COMPLETED)
    assert completed.exists()
    replies = session.messages.filter(role="assistant").count()
    assert replies == completed.filter(reply__isnull=False).count() == completed.count()
    assert numbers(session) == list(range(1, session.messages.count() + 1))
