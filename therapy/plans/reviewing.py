"""The weekly look at plans: asks for the next version where a week has passed or scores changed reliably.

The version is a draft beside the plan that counts; the plan goes on until a counsellor approves the next one.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import selectors as accounts
from accounts.errors import KeyFault
from accounts.models import Consent, User
from therapy.observations.models import Observation
from therapy.plans import comparing, drafting
from therapy.plans.gathering import INSTRUMENTS, scores_of
from therapy.plans.models import Plan

logger = logging.getLogger(__name__)

WEEK = timedelta(days=7)
AT_ONCE = 50
# After a proposal was declined, the next one waits for a week as well.
_OPEN = (Plan.State.DRAFTING, Plan.State.DRAFT)


def sweep(*, now: datetime | None = None, limit: int = AT_ONCE) -> int:
    """Propose the next version wherever one is due; returns how many were asked for. Safe to run twice, and at once."""
    moment = now or timezone.now()
    active = Plan.objects.filter(state=Plan.State.ACTIVE)
    waiting = active.exclude(person__plans__state__in=_OPEN)
    by_week = waiting.filter(approved_at__lte=moment - WEEK)
    by_score = waiting.filter(
        person__observations__kind__in=[f"score.{name}" for name in INSTRUMENTS],
        person__observations__at__gt=moment - WEEK,
    )
    people = (by_week | by_score).order_by("approved_at").values_list("person_id", flat=True).distinct()
    return sum(_propose_safely(person_id, moment) for person_id in list(dict.fromkeys(people))[:limit])


def _propose_safely(person_id: UUID, now: datetime) -> bool:
    try:
        plan = propose(person_id=person_id, now=now)
        return plan is not None and drafting.draft(plan.pk)
    except KeyFault as error:
        logger.error("plan of %s cannot be looked at: %s", person_id, type(error).__name__)
        return False


@transaction.atomic
def propose(*, person_id: UUID, now: datetime | None = None) -> Plan | None:
    """Ask for the next version of one person's plan, if it is due; None where it is not, or they are gone."""
    moment = now or timezone.now()
    # The person's row is the lock: two looks at once, or a look while they ask themselves, give one version.
    if User.objects.select_for_update(no_key=True).filter(pk=person_id, is_active=True).first() is None:
        return None
    plans = Plan.objects.filter(person_id=person_id)
    active = plans.filter(state=Plan.State.ACTIVE).order_by("-version").first()
    if active is None or plans.filter(state__in=_OPEN).exists():
        return None
    if not (accounts.may_use_service(person_id) and accounts.has_consented(person_id, Consent.Purpose.HEALTH_DATA)):
        return None
    origin = _reason(active, moment)
    if origin is None:
        return None
    newest = plans.order_by("-version").values_list("version", flat=True)[0]
    return Plan.objects.create(person_id=person_id, version=newest + 1, origin=origin)


def _reason(active: Plan, now: datetime) -> Plan.Origin | None:
    """Why the next version is due: scores go before the week. None where it is not due."""
    declined = Plan.objects.filter(person_id=active.person_id, state=Plan.State.DECLINED).order_by("-version").first()
    last_asked = declined.declined_at if declined and declined.version > active.version else None
    if any(comparing.is_reliable(score) for score in scores_of(active.person_id)) and _is_news(active, last_asked):
        return Plan.Origin.SCORES
    looked = max(moment for moment in (active.approved_at, active.looked_at, last_asked) if moment is not None)
    return Plan.Origin.WEEKLY if looked <= now - WEEK else None


def _is_news(active: Plan, last_asked: datetime | None) -> bool:
    """Whether a score came after the last proposal that was declined."""
    kinds = [f"score.{name}" for name in INSTRUMENTS]
    scores = Observation.objects.filter(person_id=active.person_id, kind__in=kinds)
    return last_asked is None or scores.filter(at__gt=last_asked).exists()
