"""Writes of chat: sessions, messages, stop, retry, dispute. The only place of the web process that enqueues turns."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.selectors import open_profile
from ml.types import Language, RiskAssessment, RiskLevel
from therapy.chat import reminders, selectors, takeover, tasks, writing
from therapy.chat.asking import request_human as request_human
from therapy.chat.asking import withdraw_request as withdraw_request
from therapy.chat.frames import error_text
from therapy.chat.models import ChatSession, Message, Owner, Turn
from therapy.chat.selectors import MessageView
from therapy.core import engines, live
from therapy.core.errors import ApplicationError
from therapy.safety import hotlines, screening
from therapy.safety import selectors as safety_selectors
from therapy.safety import services as safety

logger = logging.getLogger(__name__)

# Characters that carry nothing a person could mean and may upset terminals and logs; newline and tab stay.
_CONTROL = {code: None for code in range(32) if code not in (9, 10)} | {127: None}


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a message. `turn_id` is None where no reply is owed (a counsellor speaks)."""

    message: MessageView
    turn_id: UUID | None
    level: RiskLevel
    is_repeat: bool


def language_of_interface(code: str) -> Language:
    """Model language of an interface language code."""
    return "zh" if code.startswith("zh") else "en"


@transaction.atomic
def open_session(*, person_id: UUID, accept_language: str = "") -> ChatSession:
    """Begin a conversation. Its first message says that this is an AI (RG-01).

    `accept_language` is the browser's header: where the profile names no country, help is shown for its region.
    """
    language = language_of_interface(open_profile(person_id).language)
    country = hotlines.country_for("", accept_language, language)
    session = ChatSession.objects.create(person_id=person_id, language=language, browser_country=country)
    writing.append_notice(session, "hello")
    return session


def clean(text: str) -> str:
    """The text without control characters and outer blanks; direction marks and emoji stay as they are.

    Half an emoji (a lone surrogate) becomes "\ufffd": no page could show it, neither to the person nor at the desk.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.translate(_CONTROL).strip()


def post_message(
    *, person_id: UUID, session_id: UUID, client_id: UUID, text: str, stands_alone: bool = False
) -> Posted:
    """Screen and write a person's message, with its flag, alert and the reply owed, in one transaction.

    `stands_alone`: it is read without the turns before it, as the answer to a form about now; the person's own level
    from then holds as long as it holds.

    Raises:
        ApplicationError: not_found, ended, empty, too_long, rate_limited.
    """
    session = selectors.session_of(person_id, session_id)
    if session is None:
        raise ApplicationError("not_found", error_text("not_found"))
    if repeat := _find_repeat(session, client_id):
        return repeat
    text = clean(text)
    if not text:
        raise ApplicationError("empty", error_text("empty"))
    language = engines.detect_language(text, selectors.language_of(session))
    before = () if stands_alone else selectors.recent_turns(session)
    assessment = screening.screen(text, before, language)
    _check_limits(person_id, session, text, assessment.level)
    return _write(session, client_id, text, assessment)


def _find_repeat(session: ChatSession, client_id: UUID) -> Posted | None:
    message = session.messages.filter(client_id=client_id).first()
    if message is None:
        return None
    turn_id = Turn.objects.filter(message=message).values_list("pk", flat=True).first()
    view = selectors.open_message(message, session.person_id)
    return Posted(view, turn_id, RiskLevel(message.risk_level), is_repeat=True)


def _check_limits(person_id: UUID, session: ChatSession, text: str, level: RiskLevel) -> None:
    """Refuse what is too long or too fast. Danger is never refused for speed (SE-07), nor is who is in danger.

    Their "yes" or "now" says nothing by itself; how the person is, is looked up only where it decides.
    """
    if len(text) > settings.CHAT_MAX_CHARACTERS:
        raise ApplicationError("too_long", error_text("too_long"))
    if session.ended_at is not None:
        raise ApplicationError("ended", error_text("ended"))
    recent = Message.objects.filter(
        session__person_id=person_id,
        role=Message.Role.USER,
        created_at__gt=timezone.now() - timedelta(minutes=1),
    ).count()
    is_fast = recent >= settings.CHAT_MESSAGES_PER_MINUTE and level < RiskLevel.MODERATE
    if is_fast and safety_selectors.effective_level(person_id) < RiskLevel.MODERATE:
        raise ApplicationError("rate_limited", error_text("rate_limited"))


@transaction.atomic
def _write(session: ChatSession, client_id: UUID, text: str, assessment: RiskAssessment) -> Posted:
    locked = ChatSession.objects.select_for_update().get(pk=session.pk)
    if repeat := _find_repeat(locked, client_id):
        return repeat
    message = writing.append(
        session=locked,
        role=Message.Role.USER,
        text=text,
        client_id=client_id,
        assessment=assessment,
        provenance={
            "detector": assessment.version,
            "scores": {name: round(score, 4) for name, score in assessment.scores.items()},
        },
    )
    safety.record_screening(
        person_id=locked.person_id, session_id=locked.pk, message_id=message.pk, assessment=assessment
    )
    reminders.remind_if_due(locked, message, now=timezone.now())
    turn_id = None
    if locked.owner == Owner.COUNSELLOR:
        # The sweep does the same; without it, too, nobody writes to a counsellor who is gone.
        turn_id = takeover.relieve(locked, timezone.now())
    elif locked.owner == Owner.ASSISTANT:
        turn_id = _queue_reply(locked, message)
    if assessment.language != locked.language:
        ChatSession.objects.filter(pk=locked.pk).update(language=assessment.language)
    return Posted(selectors.open_message(message, locked.person_id), turn_id, assessment.level, is_repeat=False)


def _queue_reply(session: ChatSession, message: Message) -> UUID:
    """The turn of a new message: one reply answers all that was written before it began."""
    turns = Turn.objects.filter(session=session)
    turns.filter(status=Turn.Status.QUEUED).update(status=Turn.Status.SUPERSEDED, finished_at=timezone.now())
    if message.risk_level >= RiskLevel.HIGH:
        # Nobody in danger waits for a cheerful answer to end. One that is about this danger already may finish.
        running = turns.filter(status=Turn.Status.RUNNING, message__risk_level__lt=message.risk_level)
        running.update(stop_requested=True)
    return Turn.objects.create(session=session, message=message, epoch=session.epoch).pk


def dispatch_turn(*, turn_id: UUID) -> bool:
    """Ask a worker for the reply. False where the broker is away: the sweep asks again, nothing is lost."""
    try:
        tasks.run_turn.delay(str(turn_id))
    except (OperationalError, RedisError, OSError):
        logger.warning("turn %s not dispatched: the broker is away", turn_id)
        return False
    Turn.objects.filter(pk=turn_id).update(dispatched_at=timezone.now())
    return True


def stop_turn(*, person_id: UUID, turn_id: UUID) -> None:
    """The person wants no more of this reply. What was already said stays."""
    mine = Turn.objects.filter(pk=turn_id, session__person_id=person_id)
    if mine.filter(status=Turn.Status.QUEUED).update(
        status=Turn.Status.STOPPED, stop_requested=True, finished_at=timezone.now()
    ):
        session_id = mine.values_list("session_id", flat=True).get()
        live.publish(live.session_group(session_id), "turn", turn=str(turn_id))
    mine.filter(status=Turn.Status.RUNNING).update(stop_requested=True)


def retry_turn(*, person_id: UUID, turn_id: UUID) -> bool:
    """Ask again for a reply that failed or was stopped before it said anything; False where there is none."""
    again = Turn.objects.filter(
        pk=turn_id,
        session__person_id=person_id,
        status__in=[Turn.Status.FAILED, Turn.Status.STOPPED],
        reply__isnull=True,
    ).update(
        status=Turn.Status.QUEUED,
        stop_requested=False,
        error="",
        queued_at=timezone.now(),
        dispatched_at=None,
        finished_at=None,
    )
    return bool(again) and (dispatch_turn(turn_id=turn_id) or True)
