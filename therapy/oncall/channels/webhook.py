"""Signed webhooks: our own shape, or the one that PagerDuty's Events API or a Slack-like receiver understands."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from therapy.core.errors import TransportError
from therapy.oncall.channels.base import Notice
from therapy.oncall.channels.http import post
from therapy.oncall.models import AlertStep

SHAPES = ("generic", "pagerduty", "slack")
LOCAL = ("127.0.0.1", "localhost", "::1")
_SEVERITY = {"imminent": "critical", "high": "error"}
_ACTION = {"raised": "trigger", "acknowledged": "acknowledge", "resolved": "resolve"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to post, and in which shape. `key` is what PagerDuty calls the routing key."""

    name: str
    shape: str
    url: str
    key: str


def endpoint(entry: str) -> Endpoint:
    """One entry of ALERT_WEBHOOKS: `shape+https://host/path`, for pagerduty with `#routing-key` at the end.

    Raises:
        ImproperlyConfigured: the shape is unknown, or the address is not https (http is for this machine only).
    """
    shape, _, address = entry.partition("+")
    parts = urlsplit(address)
    if shape not in SHAPES:
        raise ImproperlyConfigured(f"ALERT_WEBHOOKS: an entry begins with one of {', '.join(SHAPES)}, then a plus")
    if not parts.hostname or (parts.scheme != "https" and (parts.scheme, parts.hostname in LOCAL) != ("http", True)):
        raise ImproperlyConfigured("ALERT_WEBHOOKS: an address must begin with https://")
    url = urlunsplit(parts._replace(fragment=""))
    # The path may hold a secret: the name in the history tells addresses apart without it.
    mark = hashlib.sha256(url.encode()).hexdigest()[:6]
    return Endpoint(f"{shape} {parts.hostname} {mark}", shape, url, parts.fragment)


def endpoints() -> tuple[Endpoint, ...]:
    """Every configured receiver that can be used: a wrong entry must not hold up the others, nor the mail."""
    return _read()[0]


def faults() -> tuple[str, ...]:
    """What is wrong with the entries that cannot be used."""
    return _read()[1]


def _read() -> tuple[tuple[Endpoint, ...], tuple[str, ...]]:
    found, wrong = [], []
    for entry in settings.ALERT_WEBHOOKS:
        try:
            found.append(endpoint(entry))
        except (ImproperlyConfigured, ValueError) as error:
            # The entry itself may hold a secret.
            wrong.append(str(error) if isinstance(error, ImproperlyConfigured) else "ALERT_WEBHOOKS: not an address")
    return tuple(found), tuple(wrong)


class Webhook:
    """By HTTP to the configured receivers."""

    name = "webhook"

    def address(self, step: AlertStep) -> Endpoint:
        """The receiver with this name.

        Raises:
            TransportError: the operator has taken it out of the settings.
        """
        found = next((one for one in endpoints() if one.name == step.address), None)
        if found is None:
            raise TransportError("no_such_webhook", permanent=True)
        return found

    def send(self, notice: Notice, address: object) -> None:
        """Post one notice, signed.

        Raises:
            TransportError: the receiver did not take it.
        """
        assert isinstance(address, Endpoint)
        body = json.dumps(_BODIES[address.shape](notice, address), separators=(",", ":")).encode()
        post(address.url, body, headers(notice, body))

    def forget(self, step: AlertStep) -> None:
        """Nothing is kept of an address."""


def headers(notice: Notice, body: bytes, *, now: int | None = None) -> dict[str, str]:
    """Type, idempotency key, and the signature over time and body: the receiver can refuse what is old or changed."""
    sent = str(int(time.time()) if now is None else now)
    found = {"Content-Type": "application/json", "User-Agent": "Attune", "Idempotency-Key": str(notice.id)}
    if settings.ALERT_WEBHOOK_SECRET:
        found["X-Attune-Signature"] = f"t={sent},v1={signature(settings.ALERT_WEBHOOK_SECRET, sent, body)}"
    return found


def signature(secret: str, sent: str, body: bytes) -> str:
    """HMAC-SHA256 over `<unix time>.<body>`, as hex."""
    return hmac.new(secret.encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest()


def _generic(notice: Notice, address: Endpoint) -> dict[str, Any]:
    return {
        "version": 1,
        "id": str(notice.id),
        "event": f"alert.{notice.event}",
        "drill": notice.is_drill,
        "alert": str(notice.alert_id),
        "flag": str(notice.flag_id),
        "level": notice.level,
        "kind": notice.kind,
        "raised_at": notice.raised_at.isoformat(),
        "round": notice.round,
        "url": notice.url,
    }


def _pagerduty(notice: Notice, address: Endpoint) -> dict[str, Any]:
    severity = "info" if notice.is_drill else _SEVERITY.get(notice.level, "warning")
    return {
        "routing_key": address.key,
        "event_action": _ACTION[notice.event],
        "dedup_key": f"attune-{notice.alert_id}",
        "client": "Attune",
        "payload": {
            "summary": notice.title,
            "source": "attune",
            "severity": severity,
            "timestamp": notice.raised_at.isoformat(),
            "class": notice.kind,
            "custom_details": {"flag": str(notice.flag_id), "alert": str(notice.alert_id), "drill": notice.is_drill},
        },
        "links": [{"href": notice.url, "text": "Open the flag"}],
    }


def _slack(notice: Notice, address: Endpoint) -> dict[str, Any]:
    text = f"{notice.title} ({notice.kind})"
    block = {"type": "section", "text": {"type": "mrkdwn", "text": f"*{text}*\n<{notice.url}|Open the flag>"}}
    return {"text": text, "blocks": [block]}


_BODIES = {"generic": _generic, "pagerduty": _pagerduty, "slack": _slack}


def names() -> Sequence[str]:
    """The names of every configured receiver, as they stand in the history."""
    return [one.name for one in endpoints()]
