"""Web push: sealed for one browser, signed by us, to known services only; a browser that has gone is forgotten."""

from __future__ import annotations

import base64
import json
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from accounts.models import User
from ml.types import RiskLevel
from tests.oncall.conftest import CANARY, Raise, Receiver
from therapy.core.errors import ApplicationError, TransportError
from therapy.core.local.keys import _push_key
from therapy.oncall import services
from therapy.oncall.channels import push, ways
from therapy.oncall.channels.http import post
from therapy.oncall.models import AlertStep, PushSubscription
from therapy.safety import delivery

SECRET = b"s" * 16


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def key(settings: Any) -> ec.EllipticCurvePrivateKey:
    """The browser's own key; the deployment has one, too."""
    settings.VAPID_PRIVATE_KEY = _push_key()
    return ec.generate_private_key(ec.SECP256R1())


def point(key: ec.EllipticCurvePrivateKey) -> str:
    encoding = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return text_of(key.public_key().public_bytes(*encoding))


@pytest.fixture
def browser(key: ec.EllipticCurvePrivateKey, receiver: Receiver, settings: Any, on_duty: dict[str, User]) -> Receiver:
    """Carol's browser behind a push service of this machine."""
    settings.ALERT_WEBHOOKS = []
    PushSubscription.objects.create(
        user=on_duty["carol"], endpoint=receiver.url, p256dh=point(key), auth=text_of(SECRET)
    )
    return receiver


def test_only_the_browser_can_read_it_and_it_holds_no_words(
    raise_risk: Raise, browser: Receiver, key: ec.EllipticCurvePrivateKey
) -> None:
    (alert_id,) = raise_risk(RiskLevel.IMMINENT).alert_ids
    delivery.sweep()
    (raw,), (headers,) = browser.raw, browser.headers
    assert str(alert_id).encode() not in raw
    shown = json.loads(http_ece.decrypt(raw, private_key=key, auth_secret=SECRET, version="aes128gcm"))
    assert shown["id"] == str(alert_id)
    assert (shown["title"], shown["silent"]) == ("[Attune] imminent alert", False)
    assert CANARY not in json.dumps(shown)
    assert (headers["Urgency"], headers["Content-Encoding"]) == ("high", "aes128gcm")
    assert Vapid02.verify(headers["Authorization"])
    assert f"k={push.public_key()}" in headers["Authorization"]


@pytest.mark.parametrize(("status", "outcome", "left"), [(410, "failed", 0), (404, "failed", 0), (500, "pending", 1)])
def test_a_browser_that_has_gone_is_forgotten(
    raise_risk: Raise, browser: Receiver, status: int, outcome: str, left: int
) -> None:
    browser.status = status
    raise_risk(RiskLevel.IMMINENT)
    delivery.sweep()
    assert AlertStep.objects.get(channel="push").outcome == outcome
    assert AlertStep.objects.filter(channel="email", user__username="carol").get().outcome == "sent"
    assert PushSubscription.objects.count() == left


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example.org/x",
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "ftp://a",
        "",
        "https://a..push.apple.com/x",
        "https://.push.apple.com/x",
        "https://a.push.apple.com:8443/x",
        "https://a.push.apple.com:none/x",
        "https://[a.push.apple.com/x",
        "https://somebody@fcm.googleapis.com/x",
        "https://:word@fcm.googleapis.com/x",
        "https://ä.push.apple.com/x",
        "https://fcm.googleapis.com/ä",
        "https://fcm.goo\ngleapis.com/x",
    ],
)
def test_other_addresses_are_refused(carol: User, key: ec.EllipticCurvePrivateKey, endpoint: str) -> None:
    with pytest.raises(ApplicationError):
        services.sign_up_browser(user=carol, endpoint=endpoint, p256dh=point(key), auth=text_of(SECRET))


def test_keys_that_are_none_are_refused(carol: User, key: ec.EllipticCurvePrivateKey) -> None:
    for p256dh, auth in [("", ""), ("AAAA", text_of(SECRET)), (point(key), "AAAA"), ("é", "é")]:
        with pytest.raises(ApplicationError):
            services.sign_up_browser(user=carol, endpoint="https://fcm.googleapis.com/a", p256dh=p256dh, auth=auth)


def test_a_browser_belongs_to_who_signed_it_up_last(carol: User, dan: User, key: ec.EllipticCurvePrivateKey) -> None:
    for user in (carol, dan):
        services.sign_up_browser(
            user=user, endpoint="https://fcm.googleapis.com/a", p256dh=point(key), auth=text_of(SECRET)
        )
    assert PushSubscription.objects.get().user == dan
    services.sign_off_browser(user=carol, endpoint="https://fcm.googleapis.com/a")
    assert PushSubscription.objects.count() == 1
    services.sign_off_browser(user=dan, endpoint="https://fcm.googleapis.com/a")
    assert PushSubscription.objects.count() == 0


@pytest.mark.parametrize("endpoint", ["https://a.push.apple.com/x", "https://fcm.googleapis.com:443/x?y=z"])
def test_addresses_of_push_services_are_taken(carol: User, key: ec.EllipticCurvePrivateKey, endpoint: str) -> None:
    services.sign_up_browser(user=carol, endpoint=endpoint, p256dh=point(key), auth=text_of(SECRET))
    assert PushSubscription.objects.get().endpoint == endpoint


@pytest.mark.parametrize("url", ["https://a..push.apple.com/x", "https://" + "a" * 64 + ".example/x", "nothing", "//ä"])
def test_an_address_that_cannot_be_asked_for_is_a_fault_of_transport(url: str) -> None:
    with pytest.raises(TransportError):
        post(url, b"", {})


def test_the_oldest_browser_goes_when_there_are_too_many(
    carol: User, dan: User, key: ec.EllipticCurvePrivateKey
) -> None:
    def sign_up(user: User, name: object) -> None:
        endpoint = f"https://fcm.googleapis.com/{name}"
        services.sign_up_browser(user=user, endpoint=endpoint, p256dh=point(key), auth=text_of(SECRET))

    sign_up(dan, "dan")
    for number in (0, 1, 2, 3, 4, 0, 5):
        sign_up(carol, number)
    left = PushSubscription.objects.filter(user=carol).order_by("endpoint")
    assert [row.endpoint[-1] for row in left] == ["0", "2", "3", "4", "5"]
    assert PushSubscription.objects.filter(user=dan).count() == 1
    for number in range(6, 9):
        PushSubscription.objects.create(user=carol, endpoint=f"https://fcm.googleapis.com/{number}")
    assert len([channel for channel, _address in ways.to_person(carol) if channel == "push"]) == push.MOST_BROWSERS


def test_without_a_key_nobody_is_asked(carol: User, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert push.public_key() == ""
