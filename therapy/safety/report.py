"""Counts for annual and other reports (RG-03): how often help was shown and staff alerted. No person, no words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from therapy.safety import drills
from therapy.safety.models import Alert, Level, RiskFlag


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of a time. A card with crisis lines was owed for every flag."""

    since: str
    until: str
    cards: int
    by_level: dict[str, int]
    by_kind: dict[str, int]
    by_language: dict[str, int]
    disputed: int
    alerts: dict[str, int]
    alerts_acknowledged: int
    alerts_not_sent: int


def counts(since: datetime, until: datetime) -> Counts:
    """Counts of flags and alerts raised in [since, until)."""
    flags = RiskFlag.objects.filter(created_at__gte=since, created_at__lt=until).exclude(person_id=drills.PERSON_ID)
    alerts = Alert.objects.filter(created_at__gte=since, created_at__lt=until)
    alerts = alerts.exclude(session__person_id=drills.PERSON_ID)
    return Counts(
        since=since.isoformat(),
        until=until.isoformat(),
        cards=flags.count(),
        by_level=_levels(flags.values_list("level").annotate(Count("pk"))),
        by_kind=dict(flags.values_list("kind").annotate(Count("pk")).order_by("kind")),
        by_language=dict(flags.values_list("session__language").annotate(Count("pk")).order_by("session__language")),
        disputed=flags.filter(disputed_at__isnull=False).count(),
        alerts=_levels(alerts.values_list("level").annotate(Count("pk"))),
        alerts_acknowledged=alerts.filter(acknowledged_at__isnull=False).count(),
        alerts_not_sent=alerts.filter(sent_at__isnull=True).count(),
    )


def _levels(rows: object) -> dict[str, int]:
    found = dict(rows)  # type: ignore[call-overload]
    return {level.name.lower(): found[level] for level in Level if level in found}
