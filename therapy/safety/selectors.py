"""Reads of flags and alerts. Nothing here opens words."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from ml.types import RiskLevel, said_plainly
from therapy.safety import drills, person_risk
from therapy.safety.models import Alert, PersonRisk, RiskFlag


def effective_level(person_id: UUID) -> RiskLevel:
    """The level that counts for a person now, with the decay since the last message; none where nothing was raised."""
    row = PersonRisk.objects.filter(person_id=person_id).first()
    return person_risk.current(row) if row else person_risk.floor_of(person_id)


def open_alerts() -> QuerySet[Alert]:
    """Alerts nobody has acknowledged or closed, the most severe and oldest first."""
    return (
        Alert.objects.filter(acknowledged_at__isnull=True, resolved_at__isnull=True)
        .exclude(session__person_id=drills.PERSON_ID)
        .select_related("flag")
        .order_by("-level", "created_at")
    )


def is_said_plainly(session_id: UUID, person_id: UUID) -> bool:
    """False where all flags are guesses of the learned reader; true where danger comes from elsewhere.

    The flags of the session count, and those of the person's other sessions for as long as a high level is held.
    """
    lately = Q(person_id=person_id, created_at__gt=timezone.now() - person_risk.HOLD_AFTER_HIGH)
    flags = RiskFlag.objects.filter(Q(session_id=session_id) | lately).values_list("level", "evidence")
    found = [said_plainly(level, [(item["source"], item["level"]) for item in evidence]) for level, evidence in flags]
    return any(found) or not found


def open_flags(session_id: UUID) -> QuerySet[RiskFlag]:
    """Flags of a session that wait for a counsellor, the most severe and oldest first."""
    return RiskFlag.objects.filter(session_id=session_id, state=RiskFlag.State.OPEN).order_by("-level", "created_at")
