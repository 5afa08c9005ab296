"""Finding turns that nobody is working on: lost tasks and expired leases. Needs only Postgres."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from therapy.chat.models import Turn

# A task that was never published is asked for soon; one that was published may wait in a long queue.
_UNPUBLISHED_AFTER = timedelta(seconds=2)
_PUBLISHED_AFTER = timedelta(seconds=20)
_BATCH = 200


@transaction.atomic
def claim_due() -> list[UUID]:
    """Turns to dispatch again, marked as dispatched; two sweeps at once never return the same one."""
    now = timezone.now()
    lost = Q(status=Turn.Status.QUEUED) & (
        Q(dispatched_at__isnull=True, queued_at__lt=now - _UNPUBLISHED_AFTER)
        | Q(dispatched_at__lt=now - _PUBLISHED_AFTER)
    )
    expired = Q(status=Turn.Status.RUNNING, lease_until__lt=now)
    due = list(Turn.objects.select_for_update(skip_locked=True).filter(lost | expired).order_by("queued_at")[:_BATCH])
    # An expired lease is dispatched once per lease length, not at every sweep.
    due = [turn for turn in due if turn.status == Turn.Status.QUEUED or _is_stale(turn)]
    Turn.objects.filter(pk__in=[turn.pk for turn in due]).update(dispatched_at=now)
    return [turn.pk for turn in due]


def _is_stale(turn: Turn) -> bool:
    resend_after = timedelta(seconds=settings.TURN_LEASE_SECONDS)
    return turn.dispatched_at is None or turn.lease_until is None or turn.dispatched_at < timezone.now() - resend_after
