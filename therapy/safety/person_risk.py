"""The stored risk state of a person: rows in, `ml.risk.state` decides, rows out. Call inside a transaction."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

import ml.risk.state as states
from ml.types import RiskLevel
from therapy.safety.models import REQUEST_KINDS, Alert, PersonRisk

HOLD_AFTER_HIGH = states.HOLD_AFTER_HIGH


def advance(person_id: UUID, level: RiskLevel) -> RiskLevel:
    """Take a message's level into the state; returns the level that counts now. Raises at once, decays slowly."""
    row = _locked(person_id)
    return max(_store(row, states.advance(_state_of(row), level, timezone.now())), floor_of(person_id))


def current(row: PersonRisk) -> RiskLevel:
    """The level that counts now: what is stored, decayed, nothing written; never below what open alerts hold."""
    return max(_state_of(row).level_at(timezone.now()), floor_of(row.person_id))


def floor_of(person_id: UUID) -> RiskLevel:
    """Moderate while an alert of danger is open in any of the person's conversations (CR-04), however old it is.

    Time alone does not make somebody safe whom nobody has looked at.
    """
    is_open = (
        Alert.objects.filter(flag__person_id=person_id, resolved_at__isnull=True, level__gte=RiskLevel.HIGH)
        .exclude(kind__in=REQUEST_KINDS)
        .exists()
    )
    return RiskLevel.MODERATE if is_open else RiskLevel.NONE


def lower(person_id: UUID, level: RiskLevel) -> tuple[RiskLevel, RiskLevel]:
    """A person of the staff has looked and lowers the state to `level`; returns the levels before and after."""
    row, now = _locked(person_id), timezone.now()
    before = _state_of(row).level_at(now)
    new = states.RiskState(level, now if level else None, now, now if level >= RiskLevel.HIGH else None)
    return before, _store(row, new)


def lower_one_step(person_id: UUID) -> RiskLevel:
    """The person said it was not meant so: at most one step down (CR-16)."""
    row = _locked(person_id)
    return _store(row, states.lower_one_step(_state_of(row), timezone.now()))


def lock(person_id: UUID) -> None:
    """Hold the state until the end of the transaction; always after flags and before alerts."""
    _locked(person_id)


def _locked(person_id: UUID) -> PersonRisk:
    PersonRisk.objects.get_or_create(person_id=person_id)
    return PersonRisk.objects.select_for_update().get(person_id=person_id)


def _state_of(row: PersonRisk) -> states.RiskState:
    return states.RiskState(RiskLevel(row.level), row.raised_at, row.seen_at, row.high_at)


def _store(row: PersonRisk, new: states.RiskState) -> RiskLevel:
    row.level, row.raised_at, row.seen_at, row.high_at = int(new.level), new.raised_at, new.seen_at, new.high_at
    row.save()
    return new.level
