"""Mail: one message for each mailbox, in plain text."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from therapy.core.errors import TransportError
from therapy.oncall.channels.base import Notice, text_of
from therapy.oncall.models import AlertStep


class Email:
    """By the configured mail server."""

    name = "email"

    def address(self, step: AlertStep) -> str:
        """The mailbox of the deployment, else the staff member's own as it is today."""
        return text_of(step.address or (step.user.email if step.user else ""))

    def send(self, notice: Notice, address: object) -> None:
        """Send one mail.

        Raises:
            TransportError: the mail server did not take it.
        """
        body = (
            f"level: {notice.level}\nkind: {notice.kind}\nflag: {notice.flag_id}\nalert: {notice.alert_id}\n"
            f"raised: {notice.raised_at:%Y-%m-%d %H:%M:%S} UTC\nround: {notice.round}\n\n{notice.url}\n"
        )
        message = EmailMessage(
            subject=notice.title,
            body=body,
            to=[text_of(address)],
            # The same at every attempt, so that a mailbox may drop what arrives twice.
            headers={"Message-ID": f"<{notice.id}@attune>", "Auto-Submitted": "auto-generated"},
        )
        try:
            get_connection(timeout=settings.EMAIL_TIMEOUT).send_messages([message])
        except (smtplib.SMTPException, OSError) as error:
            raise TransportError(type(error).__name__) from error

    def forget(self, step: AlertStep) -> None:
        """Nothing is kept of an address."""
