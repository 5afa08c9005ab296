"""The weekly report: alerts by level, how fast they were taken, how true, what was missed. No person, no words.

Drills never count.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from therapy.review.choices import Outcome
from therapy.review.models import Review, SecondLook
from therapy.review.samples import Share, caught_controls, miss_rate, wilson
from therapy.safety.drills import PERSON_ID as DRILL_PERSON
from therapy.safety.models import REQUEST_KINDS, Alert, Level, RiskFlag

SHOWN = (Level.IMMINENT, Level.HIGH, Level.MODERATE)
DECIDED = (Outcome.TRUE_ALARM, Outcome.FALSE_ALARM, Outcome.UNCLEAR)


@dataclass(frozen=True, slots=True)
class Week:
    """Figures of the seven days from Monday `begins`. Waits are in seconds; None where nothing was taken."""

    begins: date
    flags: dict[int, int]
    alerts: dict[int, int]
    requests: int
    taken: int
    p50: float | None
    p95: float | None
    false_alarms: Share
    misses: Share
    controls: Share
    second_looks: int
    agreed: Share

    @property
    def flags_total(self) -> int:
        """Flags of all levels."""
        return sum(self.flags.values())

    @property
    def alert_counts(self) -> tuple[int, ...]:
        """Alerts by level, the most severe first."""
        return tuple(self.alerts[level] for level in SHOWN)

    @property
    def alerts_total(self) -> int:
        """Alerts of all levels."""
        return sum(self.alerts.values())


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of the sorted values lies (nearest rank)."""
    if not values:
        return None
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[int(rank) - 1]


def weeks(count: int = 8, *, now: datetime | None = None) -> list[Week]:
    """The last weeks, the running one last."""
    moment = now or timezone.now()
    today = moment.astimezone(timezone.get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    return [week(monday - timedelta(weeks=back)) for back in range(count - 1, -1, -1)]


def week(begins: datetime) -> Week:
    """One week."""
    ends = begins + timedelta(days=7)
    flags = RiskFlag.objects.filter(created_at__gte=begins, created_at__lt=ends).exclude(person_id=DRILL_PERSON)
    alerts = Alert.objects.filter(created_at__gte=begins, created_at__lt=ends).exclude(flag__person_id=DRILL_PERSON)
    danger = alerts.exclude(kind__in=REQUEST_KINDS)
    taken = danger.filter(acknowledged_at__isnull=False).values_list("created_at", "acknowledged_at")
    waits = [(at - made).total_seconds() for made, at in taken if at is not None]
    reviews = Review.objects.filter(created_at__gte=begins, created_at__lt=ends, outcome__in=DECIDED)
    reviews = reviews.exclude(flag__person_id=DRILL_PERSON)
    looks = SecondLook.objects.filter(looked_at__gte=begins, looked_at__lt=ends)
    return Week(
        begins=begins.date(),
        flags=_by_level(flags.exclude(kind__in=REQUEST_KINDS).values_list("level").annotate(Count("pk"))),
        alerts=_by_level(danger.values_list("level").annotate(Count("pk"))),
        requests=alerts.filter(kind__in=REQUEST_KINDS).count(),
        taken=len(waits),
        p50=percentile(waits, 0.5),
        p95=percentile(waits, 0.95),
        false_alarms=wilson(_false_alarms(reviews), reviews.count()),
        misses=miss_rate(begins, ends),
        controls=caught_controls(begins, ends),
        second_looks=looks.count(),
        agreed=wilson(looks.filter(state=SecondLook.State.AGREED).count(), looks.count()),
    )


def _false_alarms(reviews: object) -> int:
    """Decisions for false alarm, as they stand after a difference was settled."""
    rows = reviews.values_list("outcome", "second_look__settled_outcome")  # type: ignore[attr-defined]
    return sum((settled or outcome) == Outcome.FALSE_ALARM for outcome, settled in rows)


def _by_level(rows: object) -> dict[int, int]:
    found = dict(rows)  # type: ignore[call-overload]
    return {int(level): found.get(level, 0) for level in SHOWN}


COLUMNS = (
    "week",
    *(f"flags_{level.name.lower()}" for level in SHOWN),
    *(f"alerts_{level.name.lower()}" for level in SHOWN),
    *("requests", "alerts_taken", "seconds_to_take_p50", "seconds_to_take_p95"),
    *("decided", "false_alarms", "false_alarm_share", "false_alarm_low", "false_alarm_high"),
    *("sampled", "missed", "miss_share", "miss_low", "miss_high"),
    *("controls", "controls_found", "second_looks", "second_looks_agreed"),
)


def as_csv(rows: Sequence[Week]) -> str:
    """The report as a table, one line a week."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        shares = []
        for share in (row.false_alarms, row.misses):
            shares += [share.of, share.hits, *(_plain(value) for value in (share.share, share.low, share.high))]
        waits = [_plain(row.p50), _plain(row.p95)]
        levels = [*(row.flags[level] for level in SHOWN), *(row.alerts[level] for level in SHOWN)]
        last = [row.controls.of, row.controls.hits, row.second_looks, row.agreed.hits]
        writer.writerow([row.begins.isoformat(), *levels, row.requests, row.taken, *waits, *shares, *last])
    return out.getvalue()


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
