"""Asked again once a fortnight at most, on the page; by mail or push on wish only; never twice for the same day."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import update_profile
from ml.types import RiskLevel
from tests.assessments.conftest import CALM, FillIn
from therapy.assessments import reminders
from therapy.assessments.models import Reminder, ReminderBrowser
from therapy.core.errors import ApplicationError, TransportError
from therapy.core.local.keys import _push_key
from therapy.core.today import cards_of
from therapy.oncall.channels import push


def keys_of(person: User) -> list[str]:
    return [card.key for card in cards_of(person.pk)]


def wish(person: User, **wishes: Any) -> Reminder:
    chosen = {"is_on": True, "every_days": 14, "by_mail": False, "by_push": False} | wishes
    return reminders.choose(person_id=person.pk, instrument="phq9", **chosen)


def test_nothing_is_asked_of_who_never_filled_one_in(alice: User) -> None:
    assert not any(key.startswith("assessments") for key in keys_of(alice))


def test_a_fortnight_after_the_last_one_a_card(fill_in: FillIn, alice: User) -> None:
    fill_in(CALM)
    row = Reminder.objects.get()
    assert row.due_on == reminders.today_of(alice.pk) + timedelta(days=14)
    assert "assessments.due.phq9" not in keys_of(alice)
    Reminder.objects.update(due_on=reminders.today_of(alice.pk))
    assert "assessments.due.phq9" in keys_of(alice)
    fill_in(CALM)
    assert "assessments.due.phq9" not in keys_of(alice)


def test_one_card_at_most_is_shown(fill_in: FillIn, alice: User) -> None:
    fill_in(CALM)
    fill_in(dict.fromkeys(range(1, 8), 0), instrument="gad7")
    Reminder.objects.update(due_on=reminders.today_of(alice.pk))
    assert len([key for key in keys_of(alice) if key.startswith("assessments")]) == 1


def test_stopping_and_later(fill_in: FillIn, at_home: Client, alice: User) -> None:
    fill_in(CALM)
    Reminder.objects.update(due_on=reminders.today_of(alice.pk))
    assert "Not now" in at_home.get("/questionnaires/phq9/").content.decode()
    at_home.post("/questionnaires/phq9/", {"step": "later"})
    assert Reminder.objects.get().due_on == reminders.today_of(alice.pk) + timedelta(days=7)
    at_home.post(
        "/questionnaires/reminders/", {"phq9-every_days": "28", "gad7-every_days": "14", "who5-every_days": "14"}
    )
    row = Reminder.objects.get()
    assert (row.is_on, row.every_days) == (False, 28)
    Reminder.objects.update(due_on=reminders.today_of(alice.pk))
    assert "assessments.due.phq9" not in keys_of(alice)


def test_never_more_often_than_a_fortnight(alice: User) -> None:
    for days in (1, 13, 0, -14, 10_000):
        with pytest.raises(ApplicationError, match="bad_interval"):
            wish(alice, every_days=days)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(person=alice, instrument="phq9", every_days=7, due_on=timezone.localdate())


def test_a_changed_interval_counts_from_the_last_one_and_never_into_the_past(fill_in: FillIn, alice: User) -> None:
    fill_in(CALM)
    today = reminders.today_of(alice.pk)
    assert wish(alice, every_days=28).due_on == today + timedelta(days=28)
    assert wish(alice, every_days=14).due_on == today + timedelta(days=14)
    Reminder.objects.update(due_on=today, every_days=84)
    assert wish(alice, every_days=14).due_on == today


def test_a_clock_ahead_does_not_put_it_off_for_years(alice: User) -> None:
    row = reminders.move_on(person_id=alice.pk, instrument="phq9", done_at=timezone.now() + timedelta(days=2000))
    assert row.due_on == reminders.today_of(alice.pk) + timedelta(days=14)


def at(hour: int, day: int = 10) -> datetime:
    return datetime(2027, 3, day, hour, tzinfo=UTC)


def test_mail_on_wish_once_and_by_day(alice: User) -> None:
    alice.email = "alice@example.org"
    alice.save()
    wish(alice, by_mail=True)
    Reminder.objects.update(due_on=at(0).date())
    assert reminders.sweep(now=at(7)) == 0
    assert reminders.sweep(now=at(22)) == 0
    assert reminders.sweep(now=at(10)) == 1
    assert reminders.sweep(now=at(11)) == 0
    assert reminders.sweep(now=at(11, 12)) == 0
    (message,) = mail.outbox
    assert message.subject == "A gentle reminder"
    assert "PHQ" not in message.body
    assert "/questionnaires/" in message.body
    Reminder.objects.update(due_on=at(0, 25).date())
    assert reminders.sweep(now=at(10, 25)) == 1


def test_what_was_told_never_stands_in_the_way(alice: User, bob: User) -> None:
    for person in (alice, bob):
        person.email = f"{person.username}@example.org"
        person.save()
        wish(person, by_mail=True)
    Reminder.objects.filter(person=alice).update(due_on=at(0, 1).date())
    Reminder.objects.filter(person=bob).update(due_on=at(0, 2).date())
    assert [reminders.sweep(now=at(10), limit=1) for _round in range(3)] == [1, 1, 0]
    assert len(mail.outbox) == 2


def test_the_hour_is_that_of_the_person_through_a_change_of_clocks(alice: User) -> None:
    alice.email = "alice@example.org"
    alice.save()
    update_profile(person_id=alice.pk, time_zone="America/New_York")
    wish(alice, by_mail=True)
    # On 14 March 2027 clocks go forward in New York: 9 o'clock is 13:00 UTC, the day before 14:00 UTC.
    Reminder.objects.update(due_on=at(0, 14).date())
    assert reminders.sweep(now=at(14, 13)) == 0
    assert reminders.sweep(now=at(12, 14)) == 0
    assert reminders.sweep(now=at(13, 14)) == 1


def test_no_mail_without_the_wish_or_an_address(fill_in: FillIn, alice: User) -> None:
    fill_in(CALM)
    Reminder.objects.update(due_on=at(0).date())
    assert reminders.sweep(now=at(10)) == 0
    wish(alice, by_mail=True)
    Reminder.objects.update(due_on=at(0).date(), told_for=None)
    reminders.sweep(now=at(10))
    assert mail.outbox == []
    call_command("send_reminders")


def test_push_says_only_that_it_is_a_reminder(alice: User, at_home: Client, settings: Any, monkeypatch: Any) -> None:
    settings.VAPID_PRIVATE_KEY = _push_key()
    key = ec.generate_private_key(ec.SECP256R1())
    encoding = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    point = base64.urlsafe_b64encode(key.public_key().public_bytes(*encoding)).decode()
    secret = base64.urlsafe_b64encode(b"s" * 16).decode()
    told = {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": point, "auth": secret}}

    def tell(body: object) -> int:
        return at_home.post(
            "/questionnaires/reminders/browser/", json.dumps(body), content_type="application/json"
        ).status_code

    assert tell({**told, "endpoint": "https://evil.example/x"}) == 400
    assert tell(["rubbish"]) == 400
    assert tell(told) == 200
    wish(alice, by_push=True)
    Reminder.objects.update(due_on=at(0).date())
    sent: list[tuple[str, bytes, dict[str, str]]] = []
    monkeypatch.setattr(reminders, "post", lambda url, body, headers: sent.append((url, body, headers)))
    assert reminders.sweep(now=at(10)) == 1
    import http_ece

    shown = json.loads(http_ece.decrypt(sent[0][1], private_key=key, auth_secret=b"s" * 16, version="aes128gcm"))
    assert (shown["title"], shown["silent"]) == ("A gentle reminder", True)
    assert sent[0][2]["Urgency"] == "low"

    def gone(*_args: object) -> None:
        raise TransportError("http_410")

    monkeypatch.setattr(reminders, "post", gone)
    Reminder.objects.update(told_for=None)
    reminders.sweep(now=at(10))
    assert ReminderBrowser.objects.count() == 0


def test_a_push_that_cannot_be_made_stops_nobody_elses(alice: User, bob: User, settings: Any, monkeypatch: Any) -> None:
    settings.VAPID_PRIVATE_KEY = _push_key()
    for person in (alice, bob):
        wish(person, by_push=True)
        person.email = "two\nlines@example.org"
        person.save()
    Reminder.objects.update(due_on=at(0).date(), by_mail=True)
    for number, endpoint in enumerate(["https://a..push.apple.com/x", "https://a@fcm.googleapis.com/x"]):
        ReminderBrowser.objects.create(person=alice, endpoint=endpoint, p256dh="AAAA", auth=f"{number}")
    assert reminders.sweep(now=at(10)) == 2
    Reminder.objects.update(told_for=None)

    def erased(person: User) -> None:
        if person == alice:
            raise IntegrityError

    monkeypatch.setattr(reminders, "_push", erased)
    assert reminders.sweep(now=at(10)) == 1


def test_who_is_in_danger_is_not_reminded_and_the_reminder_stays_owed(alice: User, monkeypatch: Any) -> None:
    alice.email = "alice@example.org"
    alice.save()
    wish(alice, by_mail=True)
    Reminder.objects.update(due_on=at(0).date())
    monkeypatch.setattr(reminders.safety, "effective_level", lambda _person_id: RiskLevel.HIGH)
    assert reminders.sweep(now=at(10)) == 0
    monkeypatch.setattr(reminders.safety, "effective_level", lambda _person_id: RiskLevel.MODERATE)
    assert reminders.sweep(now=at(11)) == 1
    assert len(mail.outbox) == 1


def test_a_closed_account_is_not_reminded(alice: User) -> None:
    alice.email, alice.is_active = "alice@example.org", False
    alice.save()
    wish(alice, by_mail=True)
    Reminder.objects.update(due_on=at(0).date())
    assert reminders.sweep(now=at(10)) == 0


def test_only_the_newest_browsers_are_kept_and_posted_to(alice: User, settings: Any, monkeypatch: Any) -> None:
    settings.VAPID_PRIVATE_KEY = _push_key()
    point, auth = push.public_key(), base64.urlsafe_b64encode(b"s" * 16).decode()
    for number in range(8):
        endpoint = f"https://fcm.googleapis.com/{number}"
        reminders.sign_up_browser(person_id=alice.pk, endpoint=endpoint, p256dh=point, auth=auth)
    kept = ReminderBrowser.objects.order_by("endpoint")
    assert [row.endpoint[-1] for row in kept] == ["3", "4", "5", "6", "7"]
    for number in (8, 9):
        ReminderBrowser.objects.create(
            person=alice, endpoint=f"https://fcm.googleapis.com/{number}", p256dh=point, auth=auth
        )
    wish(alice, by_push=True)
    Reminder.objects.update(due_on=at(0).date())
    sent: list[str] = []
    monkeypatch.setattr(reminders, "post", lambda url, _body, _headers: sent.append(url[-1]))
    reminders.sweep(now=at(10))
    assert sent == ["9", "8", "7", "6", "5"]


def test_the_page_offers_only_what_can_be(at_home: Client, alice: User, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    html = at_home.get("/questionnaires/reminders/").content.decode()
    assert "by_mail" not in html
    assert "by_push" not in html
    assert "every 2 weeks" in html
