"""The day after: one question in the conversation within 24 hours; a mail only on wish; the answer is screened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ml.types import RiskLevel
from tests.care.conftest import DANGER, Say
from therapy.care import checkins, services
from therapy.care.models import CheckIn
from therapy.chat.models import ChatSession, Message, Owner
from therapy.chat.selectors import messages_since
from therapy.safety import selectors as safety
from therapy.safety import services as safety_services
from therapy.safety.models import Alert, RiskFlag


def tomorrow() -> datetime:
    return timezone.now() + timedelta(hours=24)


def test_danger_schedules_one_question_within_a_day(say: Say) -> None:
    say(DANGER)
    say(DANGER)
    row = CheckIn.objects.get()
    assert row.state == CheckIn.State.WAITING
    assert timezone.now() < row.due_at <= tomorrow()


def test_harmless_and_moderate_messages_schedule_nothing(say: Say) -> None:
    say("I had a bad day at work")
    assert CheckIn.objects.count() == 0


def test_just_kidding_keeps_level_review_and_check_in(say: Say, alice: User) -> None:
    say(DANGER)
    before = safety.effective_level(alice.pk)
    say("just kidding")
    say("逗你的")
    assert safety.effective_level(alice.pk) == before >= RiskLevel.HIGH
    flags = RiskFlag.objects.filter(level__gte=3)
    assert {flag.state for flag in flags} == {RiskFlag.State.OPEN}
    assert Alert.objects.filter(resolved_at=None).exists()
    assert CheckIn.objects.get().state == CheckIn.State.WAITING


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def test_it_comes_by_day_and_within_24_hours(hour: int, zone: str) -> None:
    moment = datetime(2026, 11, 20, hour, 30, tzinfo=UTC)
    due = checkins.due_after(moment, zone)
    assert timedelta(hours=8) <= due - moment <= timedelta(hours=24)
    assert 9 <= due.astimezone(checkins.zone_of(zone)).hour <= 20


def test_the_question_comes_once_when_it_is_due(say: Say, session: ChatSession) -> None:
    say(DANGER)
    assert checkins.sweep(now=timezone.now() + timedelta(hours=7)) == 0
    seen = messages_since(session, 0)[-1].seq
    assert checkins.sweep(now=tomorrow()) == 1
    assert checkins.sweep(now=tomorrow()) == 0
    (question,) = messages_since(session, seen)
    assert question.role == Message.Role.ASSISTANT
    assert "how are you now?" in question.text
    assert mail.outbox == []


def test_while_a_counsellor_speaks_it_is_a_notice(say: Say, session: ChatSession) -> None:
    say(DANGER)
    ChatSession.objects.filter(pk=session.pk).update(owner=Owner.COUNSELLOR)
    checkins.sweep(now=tomorrow())
    assert messages_since(session, 0)[-1].role == Message.Role.SYSTEM


def test_a_mail_only_on_wish_and_without_words(say: Say, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    say(DANGER)
    services.wish_check_ins(person_id=alice.pk, is_wanted=True, by_mail=True)
    checkins.sweep(now=tomorrow())
    checkins.sweep(now=tomorrow())
    (letter,) = mail.outbox
    assert letter.to == ["alice@example.org"]
    whole = f"{letter.subject} {letter.body}"
    assert "/care/check-in/" in whole
    for word in ("alice ", "suicide", "crisis", "risk", "danger", "药", "Yesterday"):
        assert word not in whole


def test_a_mail_that_fails_is_tried_again(say: Say, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    say(DANGER)
    services.wish_check_ins(person_id=alice.pk, is_wanted=True, by_mail=True)

    def broken(self: object) -> int:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("therapy.care.checkins.EmailMessage.send", broken)
        checkins.sweep(now=tomorrow())
    assert mail.outbox == []
    checkins.sweep(now=tomorrow() + timedelta(minutes=1))
    assert len(mail.outbox) == 1


def test_no_means_no(say: Say, alice: User) -> None:
    say(DANGER)
    services.wish_check_ins(person_id=alice.pk, is_wanted=False, by_mail=True)
    assert CheckIn.objects.get().state == CheckIn.State.DECLINED
    assert checkins.sweep(now=tomorrow()) == 0
    say(DANGER)
    assert CheckIn.objects.count() == 1


@pytest.mark.parametrize(
    ("feeling", "words", "level"),
    [
        ("better", "", None),
        ("same", "", None),
        ("worse", "", RiskLevel.MODERATE),
        ("unsafe", "", RiskLevel.HIGH),
        ("better", "but I have the pills next to me and I will take them tonight", RiskLevel.HIGH),
    ],
)
def test_the_answer_is_a_screened_message(
    at_home: Client, say: Say, session: ChatSession, feeling: str, words: str, level: RiskLevel | None
) -> None:
    say(DANGER)
    checkins.sweep(now=tomorrow())
    safety_services.close_flags(flag_ids=RiskFlag.objects.values_list("pk", flat=True))
    answer = at_home.post("/care/check-in/", {"feeling": feeling, "words": words})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/chat/{session.pk}/")
    assert CheckIn.objects.get(session=session, answered_at__isnull=False).state == CheckIn.State.ANSWERED
    flags = RiskFlag.objects.filter(state=RiskFlag.State.OPEN)
    if level is None:
        # A day after danger even a calm answer may be worth a look; it pages nobody.
        assert all(flag.level < RiskLevel.HIGH for flag in flags)
        assert not Alert.objects.filter(resolved_at=None).exists()
    else:
        assert flags.get().level >= level
        assert Alert.objects.filter(resolved_at=None).exists() == (level >= RiskLevel.HIGH)


def test_a_stranger_answers_nothing(client: Client, say: Say, bob: User) -> None:
    say(DANGER)
    checkins.sweep(now=tomorrow())
    client.force_login(bob)
    html = client.post("/care/check-in/", {"feeling": "unsafe"}).content.decode()
    assert "no open question" in html or "How are you now?" in html
    assert CheckIn.objects.get().state == CheckIn.State.ASKED


def test_the_page_takes_the_wish(at_home: Client, say: Say) -> None:
    say(DANGER)
    assert "We will ask you in your conversation" in at_home.get("/care/check-in/").content.decode()
    at_home.post("/care/check-in/wish/", {"wanted": "no"})
    assert CheckIn.objects.get().state == CheckIn.State.DECLINED
    assert "want to be asked" in at_home.get("/care/check-in/").content.decode()
