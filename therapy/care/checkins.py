"""The question the day after: scheduled with a flag of high level, asked in the conversation, by mail only on wish.

Works in the database alone, in small claims like alerts: run by the beat and by `manage.py ask_check_ins`.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.middleware import zone_of
from accounts.selectors import open_profile, profile_of
from therapy.care import speaking
from therapy.care.models import CheckIn
from therapy.care.selectors import wish_of
from therapy.safety import drills
from therapy.safety.models import RiskFlag

logger = logging.getLogger(__name__)

# CR-17: within 24 hours after high, at an hour at which people are awake.
ASK_AFTER = timedelta(hours=22)
LATEST = timedelta(hours=24)
DAY_BEGINS, DAY_ENDS, EVENING = 9, 21, 20
# A mail that could not be sent is tried again this long; later it would only confuse.
MAIL_FOR = timedelta(hours=12)


def follow(flag: RiskFlag) -> None:
    """Schedule the question where danger was high, in the transaction that writes the flag; one waits at most.

    A retraction later does not take it away; only the person's own wish does.
    """
    if flag.person_id == drills.PERSON_ID or not wish_of(flag.person_id).is_wanted:
        return
    due_at = due_after(flag.created_at, profile_of(flag.person_id).time_zone)
    CheckIn.objects.get_or_create(
        person_id=flag.person_id,
        state=CheckIn.State.WAITING,
        defaults={"session_id": flag.session_id, "due_at": due_at},
    )


def due_after(moment: datetime, zone: str) -> datetime:
    """When to ask: about 22 hours later, between 9 and 21 o'clock where the person lives, never after 24 hours."""
    local = (moment + ASK_AFTER).astimezone(zone_of(zone))
    if DAY_BEGINS <= local.hour < DAY_ENDS:
        return moment + ASK_AFTER
    morning = local.replace(hour=DAY_BEGINS, minute=0, second=0, microsecond=0)
    if local.hour < DAY_BEGINS and morning - moment <= LATEST:
        return morning.astimezone(moment.tzinfo)
    evening = local.replace(hour=EVENING, minute=0, second=0, microsecond=0)
    if local.hour < DAY_BEGINS:
        evening -= timedelta(days=1)
    return evening.astimezone(moment.tzinfo)


def sweep(*, now: datetime | None = None, limit: int = 100) -> int:
    """Ask every question that is due and send the mails owed; returns how many were asked. Safe to run twice."""
    moment = now or timezone.now()
    due = CheckIn.objects.filter(state=CheckIn.State.WAITING, due_at__lte=moment).order_by("due_at")
    asked = sum(_ask(row, moment) for row in due.select_related("session")[:limit])
    owed = CheckIn.objects.filter(
        state=CheckIn.State.ASKED, mailed_at=None, asked_at__gt=moment - MAIL_FOR, asked_at__lte=moment
    )
    for row in owed.select_related("person")[:limit]:
        _mail(row, moment)
    return asked


@transaction.atomic
def _ask(row: CheckIn, now: datetime) -> bool:
    """Claim and ask in one transaction: exactly one sweep writes the question."""
    claimed = CheckIn.objects.filter(pk=row.pk, state=CheckIn.State.WAITING).update(
        state=CheckIn.State.ASKED, asked_at=now
    )
    if not claimed:
        return False
    with translation.override(open_profile(row.person_id).language):
        text = _(
            "Yesterday was a hard day, so I am asking, as I said I would: how are you now? One word is enough. "
            "If it is as strong as yesterday or stronger, please use “Get help now” first."
        )
        speaking.say(row.session, text, source="check_in")
    return True


def _mail(row: CheckIn, now: datetime) -> None:
    """One mail that says only that something waits: no name, no subject matter, nothing of what was said."""
    if not (wish_of(row.person_id).by_mail and row.person.email):
        return
    if not CheckIn.objects.filter(pk=row.pk, mailed_at=None).update(mailed_at=now):
        return
    link = settings.PUBLIC_URL.rstrip("/") + reverse("care:check_in")
    with translation.override(open_profile(row.person_id).language):
        subject = _("A message is waiting for you")
        body = _("A message is waiting for you here:") + f"\n\n{link}\n"
    try:
        EmailMessage(subject=subject, body=body, to=[row.person.email]).send()
    except (smtplib.SMTPException, OSError) as error:
        CheckIn.objects.filter(pk=row.pk).update(mailed_at=None)
        logger.warning("mail of check-in %s not sent: %s", row.pk, type(error).__name__)
