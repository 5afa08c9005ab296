"""Who speaks: a counsellor takes a conversation over, writes in it, hands it back, or is lost and relieved.

Each change of owner and the writing of a reply lock the same session row, so one comes wholly before the other; the
epoch grows with each change. A reply begun under an older epoch is never written (`turn.append`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from therapy.chat import selectors, writing
from therapy.chat.models import ChatSession, Message, Owner, Takeover, Turn
from therapy.chat.selectors import MessageView
from therapy.chat.speakers import open_stretch
from therapy.core import live
from therapy.core.errors import ApplicationError
from therapy.oncall import services as oncall
from therapy.safety import selectors as safety_selectors
from therapy.safety import services as safety

_BATCH = 50


@transaction.atomic
def take_over(*, user: User, session_id: UUID, now: datetime | None = None) -> Takeover:
    """Let a counsellor speak from now on: the assistant is silent at once, a reply being written is thrown away.

    The caller has checked that the counsellor may read this conversation and has written the reading down.
    A supervisor may relieve a colleague; anybody may relieve one whose connection is lost.

    Raises:
        ApplicationError: forbidden, not_found, ended, or taken (a colleague speaks already).
    """
    moment = now or timezone.now()
    if not user.is_counselling_staff:
        raise ApplicationError("forbidden", _("Only counsellors can take a conversation over."))
    session = _locked(session_id)
    if session.ended_at is not None:
        raise ApplicationError("ended", _("This conversation has ended."))
    current = open_stretch(session.pk)
    if current is not None and current.counsellor_id == user.pk:
        Takeover.objects.filter(pk=current.pk).update(seen_at=moment)
        return current
    if current is not None:
        if user.role != Role.SUPERVISOR and not is_lost(current, moment):
            raise ApplicationError("taken", _("A colleague is already speaking with this person."))
        _end(current, Takeover.Ending.PASSED_ON, moment)
    _change_owner(session, Owner.COUNSELLOR)
    stretch = Takeover.objects.create(session=session, counsellor=user, began_at=moment, seen_at=moment)
    open_turns = Turn.objects.filter(session=session, status__in=Turn.OPEN)
    open_turns.update(status=Turn.Status.SUPERSEDED, finished_at=moment, lease_until=None)
    writing.append_notice(session, "taken_over", by=user)
    _answer_requests(session.pk, user)
    return stretch


@transaction.atomic
def hand_back(*, user: User, session_id: UUID) -> UUID | None:
    """Let the assistant speak again. Returns the reply it owes, where the person wrote last and nobody answered.

    Raises:
        ApplicationError: not_found, or not_yours (somebody else speaks, or nobody).
    """
    session = _locked(session_id)
    stretch = open_stretch(session.pk)
    is_mine = stretch is not None and stretch.counsellor_id == user.pk
    if stretch is None or not (is_mine or (user.is_counselling_staff and user.role == Role.SUPERVISOR)):
        raise ApplicationError("not_yours", _("You are not speaking in this conversation."))
    return _give_back(session, stretch, "handed_back", timezone.now())


@transaction.atomic
def say(*, user: User, session_id: UUID, client_id: UUID, text: str) -> MessageView:
    """Write a counsellor's message, sealed like any other. A repeated `client_id` is written once.

    Raises:
        ApplicationError: not_found, not_yours, empty, too_long.
    """
    session = _locked(session_id)
    stretch = open_stretch(session.pk)
    if session.owner != Owner.COUNSELLOR or stretch is None or stretch.counsellor_id != user.pk:
        raise ApplicationError("not_yours", _("You are not speaking in this conversation."))
    if repeat := session.messages.filter(client_id=client_id).first():
        return selectors.open_message(repeat, session.person_id)
    if not text.strip():
        raise ApplicationError("empty", _("There is nothing to send yet."))
    if len(text) > settings.CHAT_MAX_CHARACTERS:
        raise ApplicationError("too_long", _("That is too long for one message."))
    message = writing.append(
        session=session, role=Message.Role.COUNSELLOR, text=text.strip(), client_id=client_id, author=user
    )
    Takeover.objects.filter(pk=stretch.pk).update(seen_at=timezone.now())
    # Whoever is writing is at work on the alert: no reminder meanwhile.
    oncall.extend_alerts(session_id=session.pk, user=user)
    return selectors.open_message(message, session.person_id)


def keep_alive(*, user: User, session_id: UUID, now: datetime | None = None) -> bool:
    """The counsellor's page is open. False where they no longer speak in this conversation."""
    mine = Takeover.objects.filter(session_id=session_id, counsellor=user, ended_at__isnull=True)
    return bool(mine.update(seen_at=now or timezone.now()))


def is_lost(stretch: Takeover, now: datetime) -> bool:
    """Whether the counsellor's page has been silent for too long."""
    return stretch.seen_at < now - timedelta(seconds=settings.COUNSELLOR_LOST_SECONDS)


def hand_back_lost(*, now: datetime | None = None) -> list[UUID]:
    """Give every conversation back whose counsellor was lost; returns the replies owed. For the sweep."""
    moment = now or timezone.now()
    silent_since = moment - timedelta(seconds=settings.COUNSELLOR_LOST_SECONDS)
    lost = Takeover.objects.filter(ended_at__isnull=True, seen_at__lt=silent_since).order_by("seen_at")
    owed = []
    for session_id in list(lost.values_list("session_id", flat=True)[:_BATCH]):
        with transaction.atomic():
            session = ChatSession.objects.select_for_update(skip_locked=True).filter(pk=session_id).first()
            if session is not None:
                owed.append(relieve(session, moment))
    return [turn_id for turn_id in owed if turn_id is not None]


def relieve(session: ChatSession, now: datetime) -> UUID | None:
    """Give a conversation back if its counsellor is lost, and ask for another. The session is locked by the caller."""
    stretch = open_stretch(session.pk)
    if stretch is None or not is_lost(stretch, now):
        return None
    return _give_back(session, stretch, "counsellor_lost", now)


def _give_back(session: ChatSession, stretch: Takeover, notice: str, now: datetime) -> UUID | None:
    is_lost_now = notice == "counsellor_lost"
    _end(stretch, Takeover.Ending.LOST if is_lost_now else Takeover.Ending.HANDED_BACK, now)
    owed = _owe_reply(session)
    _change_owner(session, Owner.ASSISTANT)
    message = writing.append_notice(session, notice, by=stretch.counsellor)
    if is_lost_now:
        if stretch.counsellor is not None:
            oncall.reopen_alerts(session_id=session.pk, user=stretch.counsellor, now=now)
        # The person was speaking with a human and is not now: that must not end without another hearing of it.
        safety.raise_request(
            person_id=session.person_id, session_id=session.pk, message_id=message.pk, kind="request_human"
        )
    if owed is None:
        return None
    turn, _is_new = Turn.objects.get_or_create(message=owed, defaults={"session": session})
    Turn.objects.filter(pk=turn.pk).update(
        status=Turn.Status.QUEUED,
        epoch=session.epoch,
        queued_at=now,
        dispatched_at=None,
        finished_at=None,
        stop_requested=False,
    )
    return turn.pk


def _owe_reply(session: ChatSession) -> Message | None:
    """The person's last message, where nobody has answered it."""
    last = session.messages.exclude(role=Message.Role.SYSTEM).order_by("-seq").first()
    return last if last is not None and last.role == Message.Role.USER else None


def _answer_requests(session_id: UUID, user: User) -> None:
    """A counsellor is here: the wish for a person is met, and the alerts of this conversation are theirs."""
    wishes = list(safety_selectors.open_flags(session_id).filter(kind="request_human").values_list("pk", flat=True))
    # Flags before alerts: the order in which a decision at the desk takes its locks.
    safety.lock_flags(flag_ids=wishes)
    for alert_id in safety_selectors.open_alerts().filter(session_id=session_id).values_list("pk", flat=True):
        safety.acknowledge_alert(alert_id=alert_id, user=user)
    safety.close_flags(flag_ids=wishes)


def _change_owner(session: ChatSession, owner: str) -> None:
    session.owner = owner
    session.epoch += 1
    session.save(update_fields=["owner", "epoch"])
    live.publish_on_commit(live.session_group(session.pk), "owner", epoch=session.epoch)


def _end(stretch: Takeover, ending: str, now: datetime) -> None:
    Takeover.objects.filter(pk=stretch.pk).update(ended_at=now, ending=ending)


def _locked(session_id: UUID) -> ChatSession:
    session = ChatSession.objects.select_for_update().filter(pk=session_id).first()
    if session is None:
        raise ApplicationError("not_found", _("This conversation could not be found."))
    return session
