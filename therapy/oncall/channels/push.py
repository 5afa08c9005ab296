"""Web push: sealed for one browser (RFC 8291), signed with the deployment's key (RFC 8292)."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db.models import QuerySet
from py_vapid import Vapid02, VapidException  # type: ignore[import-untyped]

from therapy.core.errors import TransportError
from therapy.oncall.channels.base import Notice
from therapy.oncall.channels.http import GONE, post
from therapy.oncall.models import AlertStep, PushSubscription

# A push service keeps a message that long for a browser that sleeps; an older one is no help.
KEPT_SECONDS = 3600
TOKEN_SECONDS = 12 * 3600
# Nobody makes us post to more browsers than these at once; who signs one more up loses the oldest.
MOST_BROWSERS = 5


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a browser listens, and with which keys a message for it is sealed."""

    endpoint: str
    p256dh: str
    auth: str


class Push:
    """By the push service of the browser's maker."""

    name = "push"

    def address(self, step: AlertStep) -> Browser:
        """The browser of this line.

        Raises:
            TransportError: it was signed off.
        """
        row = PushSubscription.objects.filter(pk=int(step.address)).first()
        if row is None:
            raise TransportError("signed_off", permanent=True)
        return Browser(row.endpoint, row.p256dh, row.auth)

    def send(self, notice: Notice, address: object) -> None:
        """Seal and post one notice.

        Raises:
            TransportError: the push service did not take it; for good where the browser has gone.
        """
        assert isinstance(address, Browser)
        try:
            post(address.endpoint, seal(notice, address), headers(notice, address))
        except TransportError as error:
            if error.code in [f"http_{status}" for status in GONE]:
                raise TransportError("gone", permanent=True) from error
            raise

    def forget(self, step: AlertStep) -> None:
        """The browser has gone: its row goes, too."""
        PushSubscription.objects.filter(pk=int(step.address)).delete()


def is_configured() -> bool:
    """Whether the deployment has a key to sign with."""
    return bool(settings.VAPID_PRIVATE_KEY)


def fault() -> str:
    """What is wrong with the key; empty where nothing is, or where there is none."""
    try:
        is_right = not is_configured() or (len(_bytes(settings.VAPID_PRIVATE_KEY)) == 32 and bool(_signer()))
    except ValueError:
        is_right = False
    return "" if is_right else "VAPID_PRIVATE_KEY is not 32 bytes in base64url"


def is_known_service(endpoint: str) -> bool:
    """Whether an address a browser named belongs to a push service, so that nobody makes us post elsewhere."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = endpoint.isascii() and endpoint.isprintable() and all(host.split("."))
    is_secure = parts.scheme == "https" and port in (None, 443) and parts.username is None
    return is_plain and is_secure and any(fnmatch(host, pattern) for pattern in settings.PUSH_SERVICES)


def newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The browsers that are posted to: those of one person that were signed up last."""
    return rows.order_by("-created_at", "-pk")[:MOST_BROWSERS]


def drop_older(rows: QuerySet[Any]) -> None:
    """Forget the browsers of one person that are not among the newest."""
    rows.exclude(pk__in=[row.pk for row in newest(rows)]).delete()


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether these are a point of the curve and a secret of 16 bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        return len(_bytes(auth)) == 16
    except ValueError:
        return False


def public_key() -> str:
    """The key a browser needs to sign up, in base64url without padding; empty where push is not configured."""
    if not is_configured() or fault():
        return ""
    point = _signer().public_key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def seal(notice: Notice, browser: Browser) -> bytes:
    """What the browser shows of an alert: title, link, and whether it may make a sound."""
    shown = {
        "id": str(notice.alert_id),
        "title": notice.title,
        "url": notice.url,
        "level": notice.level,
        "silent": notice.is_drill,
    }
    return sealed(shown, browser)


def sealed(shown: Mapping[str, object], browser: Browser) -> bytes:
    """What a browser shows, readable by it alone. The worker knows `id`, `title`, `url`, `level` and `silent`."""
    made: bytes = http_ece.encrypt(
        json.dumps(shown).encode(),
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(browser.p256dh),
        auth_secret=_bytes(browser.auth),
        version="aes128gcm",
    )
    return made


def headers(notice: Notice, browser: Browser) -> dict[str, str]:
    """How urgent an alert is, how long to keep it, and who sends."""
    # A later message about the same alert replaces one that a sleeping browser has not fetched yet.
    topic = base64.urlsafe_b64encode(notice.alert_id.bytes).rstrip(b"=").decode()
    return signed(browser, urgency="low" if notice.is_drill else "high", topic=topic)


def signed(browser: Browser, *, urgency: str, topic: str) -> dict[str, str]:
    """How urgent, how long to keep, and who sends. A later message of a topic replaces one not fetched yet.

    Raises:
        TransportError: the address is none that can be signed for.
    """
    parts = urlsplit(browser.endpoint)
    claims = {
        "sub": f"mailto:{settings.DEFAULT_FROM_EMAIL}",
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": str(int(time.time()) + TOKEN_SECONDS),
    }
    try:
        made: dict[str, str] = _signer().sign(claims)
    except VapidException as error:
        raise TransportError("unsigned") from error
    return made | {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": urgency,
        "Topic": topic,
    }


def _signer() -> Vapid02:
    return Vapid02.from_raw(settings.VAPID_PRIVATE_KEY.encode())


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
