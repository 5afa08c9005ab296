"""Conversations summed up for memory: when one has been quiet for a while, and when a new one begins.

Reads only what the person wrote, only what speaks of no danger, and only from when on they allowed it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Consent
from accounts.selectors import may_use_service
from therapy.chat.models import ChatSession, Message
from therapy.chat.selectors import language_of, open_message
from therapy.memory import noticing
from therapy.memory import selectors as memory
from therapy.memory import services as memory_services
from therapy.observations import selectors as observations

QUIET = timedelta(minutes=30)
# A conversation older than this that nobody summed up stays as it is.
AT_MOST_AGO = timedelta(days=14)
MOST_MESSAGES = 200


def sum_up_quiet(*, now: datetime | None = None, limit: int = 100) -> int:
    """Sum up the conversations that have been quiet for a while; returns how many summaries were kept."""
    moment = now or timezone.now()
    agreed = Consent.objects.filter(purpose=Consent.Purpose.MEMORY, granted=True).values("person_id")
    due = _unread().filter(
        person_id__in=agreed, last_message_at__lt=moment - QUIET, last_message_at__gt=moment - AT_MOST_AGO
    )
    return sum(sum_up(session) for session in due.order_by("last_message_at")[:limit])


def sum_up_others(session: ChatSession) -> int:
    """Sum up a person's other conversations, at the beginning of a new one."""
    since = timezone.now() - AT_MOST_AGO
    due = _unread().filter(person_id=session.person_id, last_message_at__gt=since).exclude(pk=session.pk)
    return sum(sum_up(other) for other in due.order_by("-last_message_at")[:10])


def _unread() -> QuerySet[ChatSession]:
    """Conversations in which something was said since they were last summed up."""
    return ChatSession.objects.filter(last_seq__gte=2).exclude(summedup__up_to_seq__gte=F("last_seq"))


def sum_up(session: ChatSession) -> bool:
    """Keep the summary of one conversation as it stands now; False where nothing was kept."""
    since = memory.remembers_since(session.person_id)
    if since is None or not may_use_service(session.person_id):
        return False
    rows = session.messages.filter(role=Message.Role.USER, risk_level=0, created_at__gte=since).order_by("seq")
    views = [open_message(row, session.person_id) for row in rows[:MOST_MESSAGES]]
    language = language_of(session)
    return memory_services.keep_summary(
        person_id=session.person_id,
        session_id=session.pk,
        up_to_seq=session.last_seq,
        summary=noticing.sum_up([view.text for view in views], _topics(session, {view.id for view in views}), language),
        language=language,
        said_at=session.last_message_at,
    )


def _topics(session: ChatSession, message_ids: set[UUID]) -> list[str]:
    """Topics as they were read from these messages, with repetitions."""
    rows = observations.recent(session.person_id, "topic", limit=MOST_MESSAGES, session_id=session.pk)
    return [str(topic) for row in rows if row.message_id in message_ids for topic in row.payload.get("topics", ())]
