"""Reads of progress: how content somebody was, and whether it is time to ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts import keys
from accounts.crypto import Binding
from therapy.chat.models import ChatSession
from therapy.plans.models import Plan
from therapy.progress.models import Satisfaction

ASK_EVERY = timedelta(days=14)
PLAN_WEEK = timedelta(days=7)
# A talk is asked about while it is fresh.
TALK_FRESH = timedelta(days=2)


def binding(row: Satisfaction) -> Binding:
    """Where a sealed comment belongs."""
    return Binding("progress_satisfaction", "comment_sealed", row.pk, row.person_id)


def open_comment(row: Satisfaction) -> str:
    """The comment; empty where there is none."""
    return keys.unseal_text(row.comment_sealed, binding(row), row.person_id)


def asked_about(person_id: UUID, *, now: datetime | None = None) -> str:
    """What to ask about now: a week with an approved plan, or an ended talk; empty where it is not time."""
    moment = now or timezone.now()
    if Satisfaction.objects.filter(person_id=person_id, at__gt=moment - ASK_EVERY).exists():
        return ""
    plan = Plan.objects.filter(person_id=person_id, state=Plan.State.ACTIVE, approved_at__lte=moment - PLAN_WEEK)
    if plan.exists():
        return str(Satisfaction.About.PLAN_WEEK)
    ended = ChatSession.objects.filter(person_id=person_id, ended_at__gt=moment - TALK_FRESH, ended_at__lte=moment)
    return str(Satisfaction.About.TALK) if ended.exists() else ""
