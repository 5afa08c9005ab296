"""Reads of flags and alerts. Nothing here opens words."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from therapy.safety.models import Alert, PersonRisk, RiskFlag


def level_of(person_id: UUID) -> int:
    """The stored risk level of a person; 0 where none was ever raised. Decay is applied when it is next advanced."""
    row = PersonRisk.objects.filter(person_id=person_id).first()
    return row.level if row else 0


def open_alerts() -> QuerySet[Alert]:
    """Alerts nobody has acknowledged or closed, the most severe and oldest first."""
    return (
        Alert.objects.filter(acknowledged_at__isnull=True, resolved_at__isnull=True)
        .select_related("flag")
        .order_by("-level", "created_at")
    )


def open_flags(session_id: UUID) -> QuerySet[RiskFlag]:
    """Flags of a session that wait for a counsellor, the most severe and oldest first."""
    return RiskFlag.objects.filter(session_id=session_id, state=RiskFlag.State.OPEN).order_by("-level", "created_at")
