"""From a person's words to the desk, with the shipped rules and heads, no worker, and a broker that is away."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from kombu.exceptions import OperationalError

from accounts.models import User
from therapy.chat import services as chat
from therapy.safety import cards, delivery, tasks
from therapy.safety.models import RiskFlag


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("text", "language", "country", "numbers"),
    [
        ("我不想活了，药已经准备好了", "zh", "CN", {"12356", "120"}),
        ("I don't want to live. I have the pills next to me and I will take them tonight", "en", "US", {"988", "911"}),
    ],
)
def test_words_of_danger_reach_card_desk_and_mail(
    text: str,
    language: str,
    country: str,
    numbers: set[str],
    alice: User,
    carol: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.deliver_alert, "delay", refuse)
    session = chat.open_session(person_id=alice.pk)
    chat.post_message(person_id=alice.pk, session_id=session.pk, client_id=uuid4(), text=text)

    card = cards.card_for_session(session.pk, language=language, country=country)
    assert card
    assert card.pinned
    assert numbers <= {line.number for line in card.lines}

    client = Client()
    client.force_login(carol, backend="allauth.account.auth_backends.AuthenticationBackend")
    (alert, *_) = client.get("/desk/alerts/").json()["alerts"]
    assert alert["level"] >= 3
    assert str(RiskFlag.objects.order_by("-level").values_list("pk", flat=True)[0]) in alert["url"]

    assert delivery.sweep() >= 1
    assert text[:6] not in "".join(message.message().as_string() for message in mail.outbox)
