"""System checks of the on-call room: what an operator can get wrong in its settings is said at start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from therapy.oncall.channels import push, webhook


@register()
def check_ways(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Webhooks are addresses we may post to, signed; the key of browser notifications is a key."""
    found: list[CheckMessage] = [Error(fault, id="oncall.E001") for fault in webhook.faults()]
    if settings.ALERT_WEBHOOKS and not settings.ALERT_WEBHOOK_SECRET:
        text = "ALERT_WEBHOOK_SECRET is empty: receivers cannot tell our webhooks from anybody else's"
        found.append(Warning(text, id="oncall.W001"))
    if push.fault():
        found.append(Error(push.fault(), id="oncall.E002"))
    return found
