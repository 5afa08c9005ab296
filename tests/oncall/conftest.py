"""A rota to fill, with the personas of the safety tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from tests.oncall.receiver import Receiver, listening
from tests.review.conftest import browser, desk, oscar
from tests.safety.conftest import CANARY, Raise, assessed, queued, raise_risk, session, write
from therapy.oncall.models import Responder, Shift

__all__ = [
    "CANARY",
    "Raise",
    "assessed",
    "browser",
    "desk",
    "oscar",
    "queued",
    "raise_risk",
    "session",
    "write",
]

Rota = Callable[..., Responder]


@pytest.fixture
def put_on(db: None) -> Rota:
    """Put somebody on call: the whole week on one line, unless told otherwise."""

    def put(
        user: User,
        *,
        line: str = Shift.Line.FIRST,
        weekdays: tuple[int, ...] = tuple(range(7)),
        starts: time = time(0),
        ends: time = time(0),
        time_zone: str = "UTC",
        languages: tuple[str, ...] = ("en", "zh"),
    ) -> Responder:
        responder, _ = Responder.objects.update_or_create(
            user=user, defaults={"time_zone": time_zone, "languages": list(languages)}
        )
        for weekday in weekdays:
            Shift.objects.create(responder=responder, line=line, weekday=weekday, starts=starts, ends=ends)
        return responder

    return put


@pytest.fixture
def staff(carol: User, dan: User, grace: User) -> dict[str, User]:
    for user in (carol, dan, grace):
        user.email = f"{user.username}@example.org"
        user.save(update_fields=["email"])
    return {"carol": carol, "dan": dan, "grace": grace}


@pytest.fixture
def on_duty(staff: dict[str, User], put_on: Rota) -> dict[str, User]:
    """Carol first, Dan second, Grace as supervisor, day and night."""
    put_on(staff["carol"], line=Shift.Line.FIRST)
    put_on(staff["dan"], line=Shift.Line.SECOND)
    put_on(staff["grace"], line=Shift.Line.SUPERVISOR)
    return staff


def mailed_to() -> list[str]:
    """Names mailed since the last look, without the mailbox of the deployment."""
    names = [message.to[0].partition("@")[0] for message in mail.outbox]
    mail.outbox.clear()
    return sorted(name for name in names if name != "on-call")


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver of signed webhooks."""
    with listening() as found:
        settings.ALERT_WEBHOOKS = [f"generic+{found.url}"]
        settings.ALERT_WEBHOOK_SECRET = "of this test"
        yield found
