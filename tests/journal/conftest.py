"""Short ways to write into Alice's journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest

from accounts.models import User
from therapy.journal import services
from therapy.journal.readings import Reading
from therapy.journal.services import Written

Write = Callable[..., Written]


@pytest.fixture
def write(alice: User) -> Write:
    def put(at: datetime | None = None, **reading: object) -> Written:
        return services.write(person_id=alice.pk, entry_id=uuid4(), reading=Reading(**reading), at=at)  # type: ignore[arg-type]

    return put
