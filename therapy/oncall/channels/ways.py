"""The list of channels, and which of them lead to a person or to the deployment."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from accounts.models import User
from therapy.oncall.channels.base import Channel
from therapy.oncall.channels.email import Email
from therapy.oncall.channels.push import Push, is_configured, newest
from therapy.oncall.channels.webhook import Webhook, names
from therapy.oncall.models import PushSubscription

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in (Webhook(), Push(), Email())}


def to_person(user: User) -> Iterator[tuple[str, str]]:
    """Channel and address of every way to a staff member."""
    if user.email:
        yield "email", ""
    if is_configured():
        for row in newest(PushSubscription.objects.filter(user=user)):
            yield "push", str(row.pk)


def to_deployment(*, event: str) -> Iterator[tuple[str, str]]:
    """Channel and address of every way to the deployment. Mailboxes hear of alerts, receivers of their end, too."""
    if event == "raised":
        for address in dict.fromkeys(settings.ALERT_EMAILS):
            yield "email", address
    for name in names():
        yield "webhook", name
