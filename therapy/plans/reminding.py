"""A mail for a step whose time has come, only for those who wish it. It names no step and nothing of the person."""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.selectors import profile_of
from ml.types import RiskLevel
from therapy.plans.models import Plan, PlanItem
from therapy.safety import selectors as safety

logger = logging.getLogger(__name__)

# A mail that could not be sent is tried again this long; later it would only confuse.
MAIL_FOR = timedelta(hours=3)


def sweep(*, now: datetime | None = None, limit: int = 100) -> int:
    """Send the mails that are owed; returns how many went out. Safe to run twice: each step is claimed once."""
    moment = now or timezone.now()
    owed = PlanItem.objects.filter(
        due_at__lte=moment,
        due_at__gt=moment - MAIL_FOR,
        reminded_at=None,
        removed_at=None,
        plan__state=Plan.State.ACTIVE,
        plan__person__reminderwish__by_mail=True,
        plan__person__is_active=True,
    ).exclude(plan__person__email="")
    return sum(_remind(item, moment) for item in owed.select_related("plan__person").order_by("due_at")[:limit])


def _remind(item: PlanItem, now: datetime) -> bool:
    person = item.plan.person
    if not PlanItem.objects.filter(pk=item.pk, reminded_at=None).update(reminded_at=now):
        return False
    if safety.effective_level(person.pk) >= RiskLevel.HIGH:
        # What helps then is on the page itself; nobody is reminded of an exercise.
        return False
    link = settings.PUBLIC_URL.rstrip("/") + reverse("today:home")
    with translation.override(profile_of(person.pk).language):
        subject = _("A small reminder")
        body = _("Something you planned is waiting for you here:") + f"\n\n{link}\n"
    try:
        EmailMessage(subject=subject, body=body, to=[person.email]).send()
    except (smtplib.SMTPException, OSError) as error:
        PlanItem.objects.filter(pk=item.pk).update(reminded_at=None)
        logger.warning("reminder of step %s not sent: %s", item.pk, type(error).__name__)
        return False
    return True
