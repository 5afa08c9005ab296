"""What the safety spine keeps about a person: for their export and for erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts import keys
from therapy.safety.lowering import reason_binding
from therapy.safety.models import Alert, Level, PersonRisk, RiskFlag, RiskLowered

MODELS = (PersonRisk, RiskFlag, Alert, RiskLowered)


def export(person_id: UUID) -> dict[str, Any]:
    """When something was noticed, how serious it seemed, and whether a person has looked at it."""
    flags = RiskFlag.objects.filter(person_id=person_id).order_by("created_at").prefetch_related("alerts")
    return {
        "noticed": [
            {
                "at": flag.created_at,
                "level": Level(flag.level).name.lower(),
                "kind": flag.kind,
                "session": str(flag.session_id),
                "disputed_at": flag.disputed_at,
                "state": flag.state,
                "staff_alerted_at": [alert.created_at for alert in flag.alerts.all()],
            }
            for flag in flags
        ],
        "lowered_by_staff": [
            {
                "at": row.at,
                "from": Level(row.from_level).name.lower(),
                "to": Level(row.to_level).name.lower(),
                "reason": keys.unseal_text(row.reason_sealed, reason_binding(row), person_id),
            }
            for row in RiskLowered.objects.filter(person_id=person_id).order_by("at")
        ],
    }


def erase(person_id: UUID) -> int:
    """Delete state, flags and their alerts."""
    flags = RiskFlag.objects.filter(person_id=person_id).delete()[0]
    flags += RiskLowered.objects.filter(person_id=person_id).delete()[0]
    return flags + PersonRisk.objects.filter(person_id=person_id).delete()[0]
