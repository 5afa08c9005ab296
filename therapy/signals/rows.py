"""Rows for training from people who allowed it: the same make as the simulated ones, without names, ids or dates.

One row for each self-report: the eight hours before it, what was known then, and what the person said as the truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import OuterRef, Subquery

from accounts.models import Consent, User
from accounts.purposes import CONSENT_VERSIONS
from ml.attention import features
from ml.simulation.rows import Rows
from ml.state.filter import AXES
from therapy.observations import selectors as observations
from therapy.signals import belief, selectors, windows
from therapy.signals.kinds import observation_kind
from therapy.signals.windows import WINDOW

_NAMES = tuple(f"self_{axis}" for axis in AXES)


def willing() -> list[UUID]:
    """Clients whose newest decision about training is a yes to the text as it is now."""
    purpose = Consent.Purpose.TRAINING
    newest = Consent.objects.filter(person_id=OuterRef("pk"), purpose=purpose).order_by("-decided_at")
    people = User.objects.annotate(
        says=Subquery(newest.values("granted")[:1]), version=Subquery(newest.values("text_version")[:1])
    )
    return list(
        people.filter(says=True, version=CONSENT_VERSIONS[purpose], is_active=True).values_list("pk", flat=True)
    )


def gather(people: Sequence[UUID]) -> Rows | None:
    """Rows of these people, numbered in a random order; None where nobody has said anything."""
    order = np.random.default_rng().permutation(len(people))
    found = [row for number, place in enumerate(order) for row in _of(people[int(place)], number)]
    if not found:
        return None
    x, y, mask, state, person = (np.stack(column) for column in zip(*found, strict=True))
    unknown = np.full_like(state, np.nan)
    return Rows(x, y, mask, state, unknown, np.full(len(x), -1, dtype=np.int64), person.astype(np.int64))


def _of(person_id: UUID, number: int) -> list[tuple[npt.NDArray[Any], ...]]:
    reports = _reports(person_id)
    zone = selectors.zone(person_id)
    weighs = selectors.kept_of(person_id).weighs
    rows: list[tuple[npt.NDArray[Any], ...]] = []
    for place, (at, said) in enumerate(reports):
        kept = belief.with_usual(belief.Kept(weighs=weighs), person_id, at)
        if place:
            # What was said before is known then; what is said now is the truth to be learned.
            kept = belief.with_report(kept, reports[place - 1][1], reports[place - 1][0])
        read = belief.inputs(kept, _recent(person_id, at), at, zone)
        if read is not None and read[2].any():
            truth = np.array([said.get(axis, np.nan) for axis in AXES], dtype=np.float32)
            rows.append((read[0], read[1], read[2], truth, np.array(number)))
    return rows


def _reports(person_id: UUID) -> list[tuple[datetime, dict[str, float]]]:
    """What the person said of themselves, oldest first."""
    told: dict[datetime, dict[str, float]] = {}
    kinds = [observation_kind(name) for name in _NAMES]
    for kind, points in observations.series(person_id, kinds).items():
        for at, payload in points:
            told.setdefault(at, {})[kind[-1]] = float(payload["v"])
    return sorted(told.items())


def _recent(person_id: UUID, at: datetime) -> dict[datetime, windows.Sums]:
    first = windows.start_of(at) - WINDOW * (features.WINDOWS - 1)
    return windows.between(person_id, first, at - timedelta(microseconds=1), most=features.WINDOWS)
