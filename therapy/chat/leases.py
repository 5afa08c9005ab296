"""Claiming a turn and keeping the claim alive: attempt, lease and heartbeat, all by conditional UPDATEs.

A turn belongs to the attempt that claimed it last; a worker that lost its lease can write nothing more.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import redis
from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction
from django.db.models import F, Q
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.selectors import may_use_service
from therapy.chat.models import ChatSession, Owner, Turn
from therapy.core.health import ALIVE_KEY

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 0.5
ALIVE_SECONDS = 5


@dataclass(slots=True)
class Claim:
    """One attempt at a turn. `cancelled` is set when the reply must end, `reason` says why."""

    turn_id: UUID
    session_id: UUID
    attempt: int
    epoch: int
    cancelled: threading.Event = field(default_factory=threading.Event)
    reason: str = ""

    def cancel(self, reason: str) -> None:
        """End this attempt: "stopped", "taken_over" or "lost"."""
        self.reason = self.reason or reason
        self.cancelled.set()


@transaction.atomic
def claim(turn_id: UUID) -> Claim | None:
    """Take a turn that waits or whose lease ran out; None where it is not to be had (now)."""
    now = timezone.now()
    session_id = Turn.objects.filter(pk=turn_id).values_list("session_id", flat=True).first()
    if session_id is None:
        return None
    session = ChatSession.objects.select_for_update().get(pk=session_id)
    speaking = Turn.objects.filter(session=session, status=Turn.Status.RUNNING, lease_until__gte=now)
    if speaking.exclude(pk=turn_id).exists():
        # One reply at a time within a session: the one that is speaking dispatches the next.
        return None
    free = Q(status=Turn.Status.QUEUED) | Q(status=Turn.Status.RUNNING, lease_until__lt=now)
    turn = Turn.objects.select_for_update().filter(free, pk=turn_id).first()
    if turn is None:
        return None
    used_up = turn.status == Turn.Status.RUNNING and is_last_attempt(turn.attempt)
    if not may_use_service(session.person_id):
        # Whoever took their yes back gets no further reply: nothing of theirs is read for one.
        turn.stop_requested = True
    if used_up or turn.stop_requested or session.owner != Owner.ASSISTANT:
        _end_unclaimed(turn, session)
        return None
    Turn.objects.filter(pk=turn_id).update(
        status=Turn.Status.RUNNING,
        attempt=F("attempt") + 1,
        lease_until=now + timedelta(seconds=settings.TURN_LEASE_SECONDS),
        started_at=now,
        epoch=session.epoch,
    )
    return Claim(turn.pk, session.pk, turn.attempt + 1, session.epoch)


def is_last_attempt(attempt: int) -> bool:
    """Whether a turn ends with this attempt. Asking again counts on from there: the pieces of an earlier attempt may
    still stand in the stream, and a worker thought lost may still be writing; neither must pass for the new one.
    """
    return attempt % settings.TURN_MAX_ATTEMPTS == 0


def still_speaks(held: Claim) -> bool:
    """Whether the assistant may write for this claim; the session is locked until the end of the transaction."""
    session = ChatSession.objects.select_for_update().get(pk=held.session_id)
    return session.epoch == held.epoch and session.owner == Owner.ASSISTANT


def _end_unclaimed(turn: Turn, session: ChatSession) -> None:
    if session.owner != Owner.ASSISTANT:
        turn.status = Turn.Status.SUPERSEDED
    elif turn.stop_requested:
        turn.status = Turn.Status.STOPPED
    else:
        turn.status, turn.error = Turn.Status.FAILED, "attempts"
    turn.finished_at = timezone.now()
    turn.save(update_fields=["status", "error", "finished_at"])


class LeaseKeeper:
    """One thread per process that renews every lease this process holds and notices stops and take-overs."""

    def __init__(self) -> None:
        self._claims: dict[UUID, Claim] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hold(self, held: Claim) -> None:
        """Renew this claim until `release`."""
        with self._lock:
            self._claims[held.turn_id] = held
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)
                self._thread.start()

    def release(self, held: Claim) -> None:
        """Renew this claim no longer."""
        with self._lock:
            self._claims.pop(held.turn_id, None)

    def _run(self) -> None:
        while True:
            time.sleep(HEARTBEAT_SECONDS)
            with self._lock:
                claims = list(self._claims.values())
                if not claims:
                    self._thread = None
                    return
            try:
                close_old_connections()
                for held in claims:
                    renew(held)
            except DatabaseError:
                logger.warning("leases not renewed: the database is away")
            finally:
                close_old_connections()


def renew(held: Claim) -> None:
    """Renew one lease; cancel the attempt if it was stopped, taken over or lost to another worker."""
    mine = Turn.objects.filter(pk=held.turn_id, status=Turn.Status.RUNNING, attempt=held.attempt)
    if not mine.update(lease_until=timezone.now() + timedelta(seconds=settings.TURN_LEASE_SECONDS)):
        held.cancel("lost")
        return
    row = mine.values("stop_requested", "session__epoch").first()
    if row is None:
        held.cancel("lost")
    elif row["session__epoch"] != held.epoch:
        held.cancel("taken_over")
    elif row["stop_requested"]:
        held.cancel("stopped")


def start_alive_signal() -> threading.Event:
    """Say in Redis, each second, that an inference worker is alive; set the returned event to end it."""
    ended = threading.Event()
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)

    def beat() -> None:
        while not ended.is_set():
            try:
                client.set(ALIVE_KEY, "1", ex=ALIVE_SECONDS)
            except (RedisError, OSError):
                logger.debug("alive signal not sent: redis is away")
            ended.wait(1.0)

    threading.Thread(target=beat, name="alive-signal", daemon=True).start()
    return ended


keeper = LeaseKeeper()
