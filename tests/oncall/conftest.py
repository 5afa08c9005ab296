"""A rota to fill, with the personas of the safety tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest

from accounts.models import User
from tests.safety.conftest import CANARY, Raise, assessed, queued, raise_risk, session, write
from therapy.oncall.models import Responder, Shift

__all__ = ["CANARY", "Raise", "assessed", "queued", "raise_risk", "session", "write"]

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
