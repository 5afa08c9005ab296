"""Asking again for a reply that failed."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.chat.test_turn import Post, Speaker, speak_with
from therapy.chat import services, tasks, turn
from therapy.chat.models import Turn

pytestmark = pytest.mark.django_db(transaction=True)


def test_asking_again_is_never_an_attempt_that_was_there_before(
    post: Post, alice: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def broken() -> None:
        raise ValueError

    turn_id = post("hello").turn_id
    assert turn_id
    speak_with(monkeypatch, Speaker("Half a ", then=broken))
    for _attempt in range(settings.TURN_MAX_ATTEMPTS):
        turn.run(turn_id)
    assert Turn.objects.get().status == Turn.Status.FAILED
    monkeypatch.setattr(tasks.run_turn, "delay", lambda *args: None)
    assert services.retry_turn(person_id=alice.pk, turn_id=turn_id)
    speak_with(monkeypatch, Speaker("A whole reply."))
    turn.run(turn_id)
    row = Turn.objects.get()
    assert (row.status, row.attempt) == (Turn.Status.COMPLETED, settings.TURN_MAX_ATTEMPTS + 1)
