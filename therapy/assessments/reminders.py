"""When a person is asked again: once a fortnight at most, on the page "Today", by mail or push only on their wish.

Nothing counts days in a row and nothing is said about what was missed. A reminder not followed is simply still there.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.middleware import zone_of
from accounts.models import User
from accounts.selectors import profile_of
from ml.types import RiskLevel
from therapy.assessments import instruments
from therapy.assessments.models import Reminder, ReminderBrowser
from therapy.core.errors import ApplicationError, TransportError
from therapy.oncall.channels import push
from therapy.oncall.channels.http import GONE, post
from therapy.safety import selectors as safety

logger = logging.getLogger(__name__)

INTERVALS = (14, 28, 84)
# Hours of the day at which a mail or push may arrive where the person lives.
EARLIEST, LATEST = 9, 20


def today_of(person_id: UUID, now: datetime | None = None) -> date:
    """The day where the person lives."""
    return (now or timezone.now()).astimezone(zone_of(profile_of(person_id).time_zone)).date()


def move_on(*, person_id: UUID, instrument: str, done_at: datetime) -> Reminder:
    """After a questionnaire was sent: the next one is due an interval later. The first one sets a fortnight.

    A time that lies ahead, from a clock that was wrong, counts as now.
    """
    now = timezone.now()
    local = min(done_at, now).astimezone(zone_of(profile_of(person_id).time_zone)).date()
    row, is_new = Reminder.objects.get_or_create(
        person_id=person_id,
        instrument=instrument,
        defaults={"due_on": local + timedelta(days=Reminder.LEAST_DAYS)},
    )
    if not is_new:
        row.due_on = local + timedelta(days=row.every_days)
        row.save(update_fields=["due_on"])
    return row


@transaction.atomic
def choose(*, person_id: UUID, instrument: str, is_on: bool, every_days: int, by_mail: bool, by_push: bool) -> Reminder:
    """What the person wants for one questionnaire.

    Raises:
        ApplicationError: bad_interval, or not_found.
    """
    if instruments.find(instrument) is None:
        raise ApplicationError("not_found", gettext_lazy("This questionnaire is not offered here."))
    if every_days not in INTERVALS:
        raise ApplicationError("bad_interval", gettext_lazy("Please choose one of the times."))
    today = today_of(person_id)
    row = Reminder.objects.select_for_update().filter(person_id=person_id, instrument=instrument).first()
    if row is None:
        row = Reminder(person_id=person_id, instrument=instrument, due_on=today)
    else:
        # The day of the last one stands fixed: a longer or shorter wait is counted from there, never into the past.
        row.due_on = max(today, row.due_on + timedelta(days=every_days - row.every_days))
    row.is_on, row.every_days = is_on, every_days
    row.by_mail, row.by_push = is_on and by_mail, is_on and by_push
    row.save()
    return row


def wishes_of(person_id: UUID) -> dict[str, Reminder]:
    """What the person said about each questionnaire so far."""
    return {row.instrument: row for row in Reminder.objects.filter(person_id=person_id)}


def later(*, person_id: UUID, instrument: str, days: int = 7) -> None:
    """Not now: ask again in a week."""
    due_on = today_of(person_id) + timedelta(days=days)
    Reminder.objects.filter(person_id=person_id, instrument=instrument).update(due_on=due_on)


def due(person_id: UUID, *, now: datetime | None = None) -> list[Reminder]:
    """What is due today or was earlier, the oldest first."""
    rows = Reminder.objects.filter(person_id=person_id, is_on=True, due_on__lte=today_of(person_id, now))
    offered = {instrument.id for instrument in instruments.offered()}
    return [row for row in rows.order_by("due_on") if row.instrument in offered]


def sweep(*, now: datetime | None = None, limit: int = 200) -> int:
    """Send the mails and pushes owed, one for each due day at most; returns how many people were told."""
    moment = now or timezone.now()
    latest = (moment + timedelta(days=1)).date()
    rows = Reminder.objects.filter(is_on=True, due_on__lte=latest, person__is_active=True).exclude(
        by_mail=False, by_push=False
    )
    # What was told and not followed is left out, so that it never stands in the way of others.
    open_rows = rows.exclude(told_for=F("due_on")).select_related("person").order_by("due_on")
    told = 0
    for row in open_rows.iterator(chunk_size=200):
        try:
            told += _tell(row, moment)
        except IntegrityError as error:
            # Erased since the list was made. One row never stands in the way of the others.
            logger.warning("reminder %s not told: %s", row.pk, type(error).__name__)
        if told >= limit:
            break
    return told


def _tell(row: Reminder, now: datetime) -> bool:
    local = now.astimezone(zone_of(profile_of(row.person_id).time_zone))
    if row.told_for == row.due_on or local.date() < row.due_on or not EARLIEST <= local.hour < LATEST:
        return False
    if instruments.find(row.instrument) is None:
        return False
    if safety.effective_level(row.person_id) >= RiskLevel.HIGH:
        # What helps then is on the page itself; the reminder stays owed until the person is better.
        return False
    # Claimed first: two sweeps at once send one. A mail that is lost is not sent again; the card on the page stays.
    claimed = Reminder.objects.filter(pk=row.pk, due_on=row.due_on).exclude(told_for=row.due_on)
    if not claimed.update(told_for=row.due_on):
        return False
    with translation.override(profile_of(row.person_id).language):
        if row.by_mail and row.person.email:
            _mail(row.person)
        if row.by_push:
            _push(row.person)
    return True


def _link() -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse("assessments:home")


def _mail(person: User) -> None:
    """One mail that says only that something waits: nothing of what it is about."""
    body = "\n\n".join(
        [
            _("A few questions are waiting for you, if you like:"),
            _link(),
            _("You can change or stop these reminders there."),
        ]
    )
    try:
        EmailMessage(subject=_("A gentle reminder"), body=body + "\n", to=[person.email]).send()
    # A `ValueError`: an address that no mail can be addressed to.
    except (smtplib.SMTPException, OSError, ValueError) as error:
        logger.warning("reminder of %s not mailed: %s", person.pk, type(error).__name__)


def _push(person: User) -> None:
    """A notification to the newest browsers of the person; a browser that has gone is forgotten."""
    if not push.is_configured():
        return
    shown = {"id": "reminder", "title": _("A gentle reminder"), "url": _link(), "silent": True}
    for row in push.newest(ReminderBrowser.objects.filter(person=person)):
        browser = push.Browser(row.endpoint, row.p256dh, row.auth)
        try:
            post(row.endpoint, push.sealed(shown, browser), push.signed(browser, urgency="low", topic="reminder"))
        except TransportError as error:
            if error.code in [f"http_{status}" for status in GONE]:
                row.delete()
            logger.warning("reminder of %s not pushed: %s", person.pk, error.code)
        except ValueError as error:
            # Stored before keys and addresses were looked at as closely as now.
            logger.warning("reminder of %s not pushed: %s", person.pk, type(error).__name__)


@transaction.atomic
def sign_up_browser(*, person_id: UUID, endpoint: str, p256dh: str, auth: str) -> None:
    """Remember a browser that may be woken for reminders; the oldest of too many goes.

    Raises:
        ApplicationError: the address is not one of a push service, or the keys are not keys.
    """
    if not push.is_known_service(endpoint) or not push.are_keys(p256dh, auth):
        raise ApplicationError("bad_subscription", gettext_lazy("This browser's push service is not known here."))
    ReminderBrowser.objects.update_or_create(
        endpoint=endpoint,
        defaults={"person_id": person_id, "p256dh": p256dh, "auth": auth, "created_at": timezone.now()},
    )
    push.drop_older(ReminderBrowser.objects.filter(person_id=person_id))


def sign_off_browser(*, person_id: UUID, endpoint: str) -> None:
    """Forget a browser."""
    ReminderBrowser.objects.filter(person_id=person_id, endpoint=endpoint).delete()
