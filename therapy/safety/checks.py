"""System checks of the safety spine: what an operator can get wrong is said at start, in clear words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils import timezone

from ml import risk
from therapy.safety import cards, hotlines

_SILENT_BACKENDS = ("console", "dummy", "locmem", "filebased")


@register()
def check_hotlines(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The table of crisis lines loads, and its age is known (HL-02)."""
    try:
        lines = hotlines.all_lines()
        cards.theme_of("plan")
    except (OSError, ValueError, TypeError, KeyError) as error:
        return [Error(f"the table of crisis lines does not load: {type(error).__name__}: {error}", id="safety.E001")]
    stale = [line.id for line in lines if line.is_stale(timezone.now().date())]
    if stale:
        text = f"{len(stale)} crisis lines were last checked more than 180 days ago: {', '.join(stale[:5])} …"
        return [Warning(text, hint="Open each source and set verified_at in hotlines.json.", id="safety.W001")]
    return []


@register()
def check_screening(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The risk rules and heads are whole. What is missing stops the start, except on a developer's machine.

    Without it every message would count as moderate: safe, and of no use to anybody.
    """
    kind = Warning if settings.DEBUG else Error
    return [kind(f"screening: {problem}", id="safety.E002") for problem in risk.self_check()]


@register(Tags.security, deploy=True)
def check_delivery(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Alerts can leave the machine: somebody to send to, a real mail backend, a broker, a public address."""
    found: list[CheckMessage] = []
    if not settings.ALERT_EMAILS:
        found.append(Error("ALERT_EMAILS is empty: an alert would reach nobody by mail", id="safety.E003"))
    if any(name in settings.EMAIL_BACKEND for name in _SILENT_BACKENDS):
        text = f"mail goes to {settings.EMAIL_BACKEND}: alerts would not leave this machine"
        found.append(Error(text, hint="Set EMAIL_URL to an SMTP server.", id="safety.E004"))
    if urlsplit(settings.REDIS_URL).scheme not in ("redis", "rediss", "unix"):
        found.append(Error("REDIS_URL is not the address of a Redis server", id="safety.E005"))
    if urlsplit(settings.PUBLIC_URL).hostname in ("127.0.0.1", "localhost", None):
        found.append(Warning("PUBLIC_URL is local: links in alert mails would not open", id="safety.W002"))
    return found
